import type { History } from './history.ts'

/** `$set`, `$remove`, `$ttl`, and the memory of what they did. */
export const OPERATORS: readonly History[] = [
  [
    '$set replaces a Dict',
    [
      [1, 60, '{a={x=1 y=1}}'],
      [2, 60, '{a=$set({y=2 z=2})}'],
    ],
  ],
  [
    '$set of a short life leaves nothing behind it',
    [
      [1, 60, '{a={x=1}}'],
      [2, 5, '{a=$set({y=2})}'],
    ],
  ],
  [
    '$set replaces a List',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 60, '{l=$set(["b" "c"])}'],
      [3, 60, '{l=["d"]}'],
    ],
  ],
  [
    '$set of a leaf',
    [
      [1, 60, '{a={x=1}}'],
      [2, 5, '{a=$set("leaf")}'],
    ],
  ],
  [
    '$set of an empty Dict',
    [
      [1, 60, '{a={x=1}}'],
      [2, 10, '{a=$set({})}'],
    ],
  ],
  [
    '$set of an empty List',
    [
      [1, 60, '{l=["a"]}'],
      [2, 10, '{l=$set([])}'],
    ],
  ],
  [
    'what was said later merges into what was set',
    [
      [1, 60, '{a={x=1}}'],
      [2, 60, '{a=$set({y=2})}'],
      [3, 60, '{a={x=3}}'],
    ],
  ],
  ['the parts of a $set stay at its own stamp', [[1, 60, '{a=$set({x=1 y={z=1}})}']]],
  [
    '$set in $set',
    [
      [1, 60, '{a={x=1}}'],
      [2, 60, '{a=$set({b=$set({c=2}) d=$set($set("e"))})}'],
    ],
  ],
  [
    '$remove in $set',
    [
      [1, 60, '{a={x=1}}'],
      [2, 20, '{a=$set({x=$remove() y=2})}'],
    ],
  ],
  [
    '$set of $remove is a $remove',
    [
      [1, 60, '{a={x=1} b=1}'],
      [2, 20, '{a=$set($remove())}'],
    ],
  ],
  [
    '$set against a Dict at equal seqs, $set last',
    [
      [1, 60, '{a={x=1}}', { hash: '1' }],
      [1, 60, '{a=$set({y=2})}', { hash: 'f' }],
    ],
  ],
  [
    '$set against a Dict at equal seqs, $set first',
    [
      [1, 60, '{a={x=1}}', { hash: 'f' }],
      [1, 60, '{a=$set({y=2})}', { hash: '1' }],
    ],
  ],
  [
    'two $set at equal seqs',
    [
      [1, 60, '{a=$set({x=1})}', { hash: '1' }],
      [1, 5, '{a=$set({y=2})}', { hash: 'f' }],
    ],
  ],
  [
    '$remove of a leaf',
    [
      [1, 60, '{a=1 b=1}'],
      [2, 60, '{a=$remove()}'],
    ],
  ],
  [
    '$remove of a Dict',
    [
      [1, 60, '{a={x=1 y={z=1}} b=1}'],
      [2, 60, '{a=$remove()}'],
    ],
  ],
  [
    '$remove of a List',
    [
      [1, 60, '{a=["m"] b=1}'],
      [2, 60, '{a=$remove()}'],
    ],
  ],
  ['$remove of nothing', [[1, 10, '{a=$remove()}']], 'the body is a Dict, and shows as one'],
  [
    '$remove in a Dict says that there is a Dict',
    [
      [1, 60, '{b=1}'],
      [2, 10, '{a={x=$remove()}}'],
    ],
  ],
  [
    'a removal of one moment removes for good',
    [
      [1, 60, '{a="x" b="y"}'],
      [2, 0, '{a=$remove()}'],
    ],
    'expires is over, retain is not: refuse by retain',
  ],
  [
    'a removal remembers for as long as its $ttl-ed victim could live',
    [
      [1, 5, '{a=$ttl("x", 50) b=1}'],
      [2, 5, '{a=$remove()}'],
    ],
    'a horizon that forgets $ttl brings it back',
  ],
  [
    'said again after the removal',
    [
      [1, 60, '{a={x=1}}'],
      [2, 5, '{a=$remove()}'],
      [3, 30, '{a={y=3}}'],
    ],
  ],
  [
    'removal between two of equal seq',
    [
      [1, 60, '{a="x"}', { hash: '1' }],
      [1, 60, '{a=$remove()}', { hash: '5' }],
      [1, 5, '{a="y"}', { hash: 'f' }],
    ],
  ],
  [
    'the whole document is cleared',
    [
      [1, 60, '{a=1 b={c=2}}'],
      [2, 5, '$remove()'],
    ],
  ],
  [
    'the whole document is cleared and begun anew',
    [
      [1, 60, '{a=1 b={c=2}}'],
      [2, 5, '$remove()'],
      [3, 30, '{b={d=3}}'],
    ],
  ],
  [
    'the whole document is replaced',
    [
      [1, 60, '{a=1 b={c=2}}'],
      [2, 30, '$set({b={d=2}})'],
    ],
  ],
  [
    'the whole document is replaced by nothing that lasts',
    [
      [1, 60, '{a=1}'],
      [2, 0, '$set({})'],
    ],
  ],
  ['$ttl of a leaf, longer and shorter than the update', [[1, 20, '{a=$ttl("x", 5) b=$ttl("y", 40) c="z"}']]],
  ['$ttl of a Dict is for all in it', [[1, 60, '{a=$ttl({x=1 y={z=1}}, 5) b=1}']]],
  ['$ttl in a $ttl counts by itself', [[1, 60, '{a=$ttl({x=$ttl(1, 30) y=$ttl(2, 3) z=3}, 10)}']]],
  ['$ttl of a List is for its members', [[1, 60, '{l=$ttl(["a" $ttl("b", 3) $ttl("c", 30)], 10)}']]],
  [
    '$ttl shortens a Dict that was there',
    [
      [1, 60, '{a={x=1}}'],
      [2, 60, '{a=$ttl({y=2}, 5)}'],
    ],
  ],
  ['$ttl of an empty Dict', [[1, 60, '{a=$ttl({}, 5)}']]],
  [
    '$set of a $ttl',
    [
      [1, 60, '{a={x=1}}'],
      [2, 60, '{a=$set($ttl({y=2}, 5))}'],
    ],
  ],
  [
    '$remove in a $ttl',
    [
      [1, 60, '{a={x=1 y=1}}'],
      [2, 60, '{a=$ttl({x=$remove()}, 5)}'],
    ],
  ],
  [
    '$ttl counts from the whole millisecond',
    [
      [1, 60, '{a=$ttl("x", 5)}', { micros: 999 }],
      [1, 60, '{b=$ttl("x", 5)}', { micros: 1000 }],
    ],
  ],
  [
    'a memory longer than need be',
    [
      [1, 10, '{a="x"}'],
      [2, 5, '{a=$remove()}', { beyond: 20 }],
    ],
  ],
  [
    'a memory longer than need be, and forgotten before a shorter one',
    [
      [1, 10, '{a={x=1}}', { beyond: 30 }],
      [2, 5, '{a=$remove()}'],
      [3, 5, '{a={}}', { beyond: 10 }],
    ],
  ],
  [
    'a leaf remembers what it replaced',
    [
      [1, 60, '{a={x=1}}'],
      [2, 5, '{a="leaf"}', { beyond: 5 }],
      [3, 3, '{a="other"}'],
    ],
  ],
  [
    'a promise broken by a removal',
    [
      [1, 60, '{a="x"}'],
      [2, 5, '{a=$remove()}', { lie: 7 }],
    ],
  ],
  [
    'a promise broken by a leaf',
    [
      [1, 60, '{a={x=1} b=1}'],
      [2, 5, '{a="leaf"}', { lie: 7 }],
    ],
  ],
  [
    'six that collide',
    [
      [1, 60, '{a={x=1} l=["m"]}'],
      [2, 20, '{a=["n"] l=$ttl(["o"], 4)}'],
      [2, 9, '{a=$set({y=2})}', { hash: 'f' }],
      [3, 30, '{a={x=$remove() z=3} l=[$remove("m")]}'],
      [4, 2, '{a="leaf" l=["m"]}'],
      [5, 40, '{a={y=5}}'],
    ],
  ],
  [
    'seven over one List',
    [
      [1, 9, '{l=["a"]}'],
      [2, 30, '{l=["b" "a"]}'],
      [3, 5, '{l=[$remove("b")]}'],
      [4, 20, '{l=["c" "b"]}'],
      [5, 8, '{l=$set(["a"])}'],
      [6, 12, '{l=["b"]}'],
      [6, 3, '{l=[$remove("a") "d"]}', { hash: 'f' }],
    ],
  ],
]
