import type { History } from './history.ts'

/** Dicts in Dicts, and what happens when a path becomes of another kind. */
export const DICTS: readonly History[] = [
  [
    'two Dicts merge',
    [
      [1, 10, '{a=1}'],
      [2, 20, '{b=2}'],
    ],
  ],
  [
    'Dicts merge all the way down',
    [
      [1, 10, '{a={b={c=1 d=1}}}'],
      [2, 20, '{a={b={d=2 e=2}}}'],
    ],
  ],
  ['an empty Dict shows while it lives', [[1, 10, '{a={}}']]],
  ['an empty body shows while it lives', [[1, 10, '{}']]],
  [
    'a Dict that outlives what is in it',
    [
      [1, 5, '{a={x=1}}'],
      [2, 20, '{a={}}'],
    ],
  ],
  [
    'a deep short-lived write shortens the Dict above',
    [
      [1, 60, '{a={}}'],
      [2, 10, '{a={x=1}}'],
    ],
    'after it a is gone, though it was to live longer',
  ],
  [
    'a deep short-lived write shortens every Dict above',
    [
      [1, 60, '{a={b={}}}'],
      [2, 5, '{a={b={c=1}}}'],
    ],
  ],
  [
    'a Dict shows as long as anything in it',
    [
      [1, 60, '{a={x=1}}'],
      [2, 5, '{a={y=2}}'],
    ],
  ],
  [
    'a Dict said again does not renew what is in it',
    [
      [1, 5, '{a={x=1}}'],
      [2, 60, '{a={}}'],
    ],
  ],
  [
    'a leaf replaces a Dict',
    [
      [1, 60, '{a={x=1 y=2}}'],
      [2, 5, '{a="leaf"}'],
    ],
    'the Dict stays gone when the leaf has ended',
  ],
  [
    'a Dict replaces a leaf',
    [
      [1, 60, '{a="leaf"}'],
      [2, 5, '{a={x=1}}'],
    ],
  ],
  [
    'an empty Dict replaces a leaf',
    [
      [1, 60, '{a="leaf"}'],
      [2, 5, '{a={}}'],
    ],
  ],
  [
    'Dict, leaf, Dict',
    [
      [1, 60, '{a={x=1 y=1}}'],
      [2, 60, '{a="leaf"}'],
      [3, 60, '{a={y=3}}'],
    ],
    'what the leaf replaced does not come back',
  ],
  [
    'Dict, List, Dict',
    [
      [1, 60, '{a={x=1 y=1}}'],
      [2, 60, '{a=["m"]}'],
      [3, 60, '{a={y=3}}'],
    ],
    'the floor of a Dict counts Lists, too',
  ],
  [
    'Dict, empty List, Dict',
    [
      [1, 60, '{a={x=1}}'],
      [2, 5, '{a=[]}'],
      [3, 60, '{a={y=3}}'],
    ],
  ],
  [
    'Dict, $remove, Dict',
    [
      [1, 60, '{a={x=1}}'],
      [2, 5, '{a=$remove()}'],
      [3, 60, '{a={y=3}}'],
    ],
  ],
  [
    'leaf, Dict, leaf',
    [
      [1, 60, '{a="one"}'],
      [2, 60, '{a={x=2}}'],
      [3, 5, '{a="three"}'],
    ],
  ],
  [
    'a leaf high above replaces what is deep',
    [
      [1, 60, '{a={b={c={d=1}}}}'],
      [2, 60, '{a="leaf"}'],
      [3, 60, '{a={b={c={e=3}}}}'],
    ],
  ],
  [
    'a List high above replaces what is deep',
    [
      [1, 60, '{a={b={c=1}}}'],
      [2, 5, '{a=[1]}'],
      [3, 60, '{a={b={d=3}}}'],
    ],
  ],
  [
    'only a part is replaced',
    [
      [1, 60, '{a={b={x=1} c={x=1}}}'],
      [2, 5, '{a={b="leaf"}}'],
      [3, 60, '{a={b={y=3}}}'],
    ],
  ],
  [
    'equal seqs of other kinds',
    [
      [1, 60, '{a={x=1}}', { hash: '2' }],
      [1, 60, '{a=["m"]}', { hash: '1' }],
      [1, 5, '{a="leaf"}', { hash: '3' }],
    ],
  ],
  [
    'every kind in turn',
    [
      [1, 60, '{a={x=1}}'],
      [2, 60, '{a=["m"]}'],
      [3, 60, '{a="leaf"}'],
      [4, 5, '{a=["n"]}'],
      [5, 30, '{a={y=5}}'],
    ],
  ],
]
