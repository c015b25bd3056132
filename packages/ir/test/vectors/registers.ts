import type { History } from './history.ts'

/** Leaves, keys and the order of updates. */
export const REGISTERS: readonly History[] = [
  ['nothing said', []],
  ['one leaf', [[1, 10, '{a="x"}']]],
  ['leaves of every kind', [[1, 10, '{s="x" i=1 f=1.5 b=true y=0x00ff p=unknown("x", at=1)}']]],
  [
    'a later leaf wins',
    [
      [1, 10, '{a="old"}'],
      [2, 10, '{a="new"}'],
    ],
  ],
  [
    'a later leaf wins though it ends first, and the old one stays gone',
    [
      [1, 60, '{a="old"}'],
      [2, 5, '{a="new"}'],
    ],
  ],
  [
    'a later leaf wins and lives longer',
    [
      [1, 5, '{a="old"}'],
      [2, 60, '{a="new"}'],
    ],
  ],
  [
    'the same value said again lives longer',
    [
      [1, 5, '{a="x"}'],
      [2, 60, '{a="x"}'],
    ],
  ],
  [
    'the same value said again lives shorter',
    [
      [1, 60, '{a="x"}'],
      [2, 5, '{a="x"}'],
    ],
  ],
  [
    'three at one path, the last one shortest',
    [
      [1, 60, '{a="one"}'],
      [2, 30, '{a="two"}'],
      [3, 5, '{a="three"}'],
    ],
  ],
  [
    'three at one path, the middle one shortest',
    [
      [1, 60, '{a="one"}'],
      [2, 5, '{a="two"}'],
      [3, 30, '{a="three"}'],
    ],
  ],
  [
    'leaves of other kinds at one path',
    [
      [1, 40, '{a="1"}'],
      [2, 30, '{a=1}'],
      [3, 20, '{a=1.0}'],
      [4, 10, '{a=true}'],
    ],
  ],
  [
    'other paths are left alone',
    [
      [1, 60, '{a="x" b="y"}'],
      [2, 5, '{b="z"}'],
    ],
  ],
  [
    'a life that is over when it begins',
    [
      [1, 10, '{a="x"}'],
      [2, 0, '{a="y"}'],
    ],
    'what it replaced is gone all the same',
  ],
  [
    'a predicate is a leaf, and nothing merges inside it',
    [
      [1, 10, '{p=peer("x", a=1)}'],
      [2, 10, '{p=peer("x", b=2)}'],
    ],
  ],
  ['an unknown tag with everything inside', [[1, 10, '{p=unknown({a=[1 "x"]}, 0xff, at={1=true})}']]],
  [
    'keys that print alike',
    [
      [1, 10, '{1="Int" 1.0="Float" "1"="String"}'],
      [2, 5, '{1.0="other"}'],
    ],
  ],
  [
    'keys of every kind',
    [
      [1, 10, '{""=1 true=2 0x01=3 1.5=4 ["x"]=5 {k=1}=6 p("x")=7}'],
      [2, 20, '{{k=1}="new" p("x")="new"}'],
    ],
  ],
  [
    'hash decides between equal seqs',
    [
      [1, 10, '{a="first"}', { hash: '1' }],
      [1, 10, '{a="second"}', { hash: 'f' }],
    ],
  ],
  [
    'hash decides for the shorter life',
    [
      [1, 60, '{a="long"}', { hash: '1' }],
      [1, 5, '{a="short"}', { hash: 'f' }],
    ],
  ],
  [
    'hash decides for the longer life of one value',
    [
      [1, 5, '{a="x"}', { hash: '1' }],
      [1, 60, '{a="x"}', { hash: 'f' }],
    ],
  ],
  [
    'equal seqs at other paths both stand',
    [
      [1, 10, '{a=1}', { hash: '1' }],
      [1, 10, '{b=2}', { hash: 'f' }],
    ],
  ],
  [
    'equal seqs that cross',
    [
      [1, 10, '{a="f" b="f" c="f"}', { hash: 'f' }],
      [1, 60, '{a="1" d="1"}', { hash: '1' }],
    ],
    'one whole update after the other, and not the greater value path by path',
  ],
  [
    'three at one seq',
    [
      [1, 10, '{a="2"}', { hash: '2' }],
      [1, 20, '{a="3"}', { hash: '3' }],
      [1, 30, '{a="1"}', { hash: '1' }],
    ],
  ],
  [
    'a microsecond decides',
    [
      [1, 10, '{a="new"}', { micros: 1, hash: '1' }],
      [1, 20, '{a="old"}', { hash: 'f' }],
    ],
  ],
  [
    'two devices take turns',
    [
      [1, 60, '{a="one" x=1}'],
      [2, 5, '{a="two" y=1}'],
      [3, 60, '{b="one"}'],
      [4, 30, '{b="two" x=2}'],
    ],
  ],
]
