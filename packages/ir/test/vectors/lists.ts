import type { History } from './history.ts'

/** Lists: members, their lives and their order. */
export const LISTS: readonly History[] = [
  [
    'two Lists unite',
    [
      [1, 10, '{l=["a" "b"]}'],
      [2, 20, '{l=["c"]}'],
    ],
  ],
  [
    'a member said again is there once',
    [
      [1, 10, '{l=["a" "b"]}'],
      [2, 10, '{l=["b" "c"]}'],
    ],
  ],
  [
    'a member said again lives longer',
    [
      [1, 5, '{l=["a" "b"]}'],
      [2, 60, '{l=["a"]}'],
    ],
  ],
  [
    'a member said again lives shorter',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 5, '{l=["a"]}'],
    ],
  ],
  [
    'the latest say sets the order',
    [
      [1, 60, '{l=["a" "b" "c"]}'],
      [2, 60, '{l=["a"]}'],
    ],
    'a goes to the end; the order of first say could not be rebuilt',
  ],
  [
    'the whole List again sets its order',
    [
      [1, 60, '{l=["a" "b" "c"]}'],
      [2, 60, '{l=["c" "a" "b"]}'],
    ],
  ],
  [
    'the order at equal seqs',
    [
      [1, 60, '{l=["a" "b"]}', { hash: 'f' }],
      [1, 60, '{l=["c" "d"]}', { hash: '1' }],
    ],
  ],
  ['positions count what is no member any more', [[1, 60, '{l=[$remove("x") "b" $ttl("a", 30) "c"]}']]],
  [
    'a member is taken out',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 5, '{l=[$remove("a")]}'],
    ],
    'it stays out when the removal itself has ended',
  ],
  [
    'a member is taken out and said again',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 60, '{l=[$remove("a")]}'],
      [3, 60, '{l=["a"]}'],
    ],
  ],
  ['a member that was never in is taken out', [[1, 10, '{l=[$remove("a")]}']], 'that says that there is a List'],
  [
    'one is taken out and one put in',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 30, '{l=[$remove("b") "c"]}'],
    ],
  ],
  [
    'equal seqs: in and out',
    [
      [1, 60, '{l=["a" "b"]}', { hash: '1' }],
      [1, 60, '{l=[$remove("a")]}', { hash: 'f' }],
    ],
  ],
  [
    'equal seqs: out and in',
    [
      [1, 60, '{l=["a" "b"]}', { hash: 'f' }],
      [1, 60, '{l=[$remove("a")]}', { hash: '1' }],
    ],
  ],
  ['an empty List shows while it lives', [[1, 10, '{l=[]}']]],
  [
    'an empty List adds nothing and takes nothing',
    [
      [1, 60, '{l=["a"]}'],
      [2, 5, '{l=[]}'],
    ],
  ],
  [
    'a List that outlives its members',
    [
      [1, 5, '{l=["a"]}'],
      [2, 20, '{l=[]}'],
    ],
  ],
  [
    'a short-lived member shortens the List',
    [
      [1, 60, '{l=[]}'],
      [2, 5, '{l=["a"]}'],
    ],
  ],
  ['members with lives of their own', [[1, 20, '{l=["a" $ttl("b", 5) $ttl("c", 40)]}']]],
  [
    'a $ttl renews a member',
    [
      [1, 10, '{l=["a" "b"]}'],
      [2, 10, '{l=[$ttl("a", 50)]}'],
    ],
  ],
  [
    'a $ttl shortens a member',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 60, '{l=[$ttl("a", 5)]}'],
    ],
  ],
  [
    'nothing merges inside a member',
    [
      [1, 60, '{l=[{a=1}]}'],
      [2, 60, '{l=[{b=2}]}'],
    ],
  ],
  [
    'members of every kind',
    [
      [1, 60, '{l=["1" 1 1.0 true 0x01 ["x"] {a=1} p("x")]}'],
      [2, 60, '{l=[$remove({a=1}) $remove(["x"]) $remove(p("x")) $remove(1.0)]}'],
    ],
  ],
  [
    'a leaf replaces a List',
    [
      [1, 60, '{l=["a"]}'],
      [2, 5, '{l="leaf"}'],
    ],
  ],
  [
    'a List replaces a leaf',
    [
      [1, 60, '{l="leaf"}'],
      [2, 5, '{l=["a"]}'],
    ],
  ],
  [
    'List, leaf, List',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 60, '{l="leaf"}'],
      [3, 60, '{l=["b" "c"]}'],
    ],
  ],
  [
    'List, Dict, List',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 60, '{l={x=1}}'],
      [3, 60, '{l=["b" "c"]}'],
    ],
    'the floor of a List counts Dicts, too',
  ],
  [
    'List, empty Dict, List',
    [
      [1, 60, '{l=["a"]}'],
      [2, 5, '{l={}}'],
      [3, 60, '{l=["b"]}'],
    ],
  ],
  [
    'List, $remove, List',
    [
      [1, 60, '{l=["a"]}'],
      [2, 5, '{l=$remove()}'],
      [3, 60, '{l=["b"]}'],
    ],
  ],
  [
    'a member taken out of what was replaced',
    [
      [1, 60, '{l=["a" "b"]}'],
      [2, 30, '{l=[$remove("a")]}'],
      [3, 30, '{l={}}'],
      [4, 60, '{l=["a"]}'],
    ],
  ],
]
