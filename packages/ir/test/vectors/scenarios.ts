// What an implementation must get right, one rule at a time. Seconds; the hash is one digit 64 times; bodies as text.

/** `[second of the seq, digit of the hash, expires, retain, body]` */
type Say = readonly [second: number, digit: string, expires: number, retain: number, body: string]

export interface Scenario {
  readonly name: string
  readonly say: readonly Say[]
  /** seconds at which the tree is asked for */
  readonly at: readonly number[]
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'nothing said, nothing shows', say: [], at: [0, 100] },
  {
    name: 'one update',
    say: [[1, '1', 100, 100, '{a=1 b="x" c=true d=1.5 e=0xff f=unknown("x", n=1)}']],
    at: [0, 99, 100],
  },
  { name: 'gone at the instant of expiry, there just before', say: [[1, '1', 10, 10, '{a=1}']], at: [9.999, 10] },
  {
    name: 'the later stamp wins a leaf',
    say: [
      [1, '1', 100, 100, '{a="old"}'],
      [2, '2', 100, 100, '{a="new"}'],
    ],
    at: [0],
  },
  {
    name: 'at one seq the greater hash wins',
    say: [
      [1, '9', 100, 100, '{a="nine"}'],
      [1, '1', 100, 100, '{a="one"}'],
      [1, 'f', 50, 100, '{a="f"}'],
    ],
    at: [0, 50],
  },
  {
    name: 'at one seq and with one value the greater hash gives the life',
    say: [
      [1, '1', 100, 100, '{a="x"}'],
      [1, '2', 50, 100, '{a="x"}'],
    ],
    at: [49, 50],
  },
  {
    name: 'two updates at one seq are both applied',
    say: [
      [1, '1', 100, 100, '{a=1 b=1}'],
      [1, '2', 100, 100, '{b=2 c=2}'],
    ],
    at: [0],
  },
  {
    name: 'a later say shortens a life',
    say: [
      [1, '1', 100, 100, '{a=1}'],
      [2, '2', 10, 100, '{a=1}'],
    ],
    at: [9, 10],
  },
  {
    name: 'a later say lengthens a life',
    say: [
      [1, '1', 10, 10, '{a=1}'],
      [2, '2', 100, 100, '{a=1}'],
    ],
    at: [10, 99, 100],
  },
  {
    name: 'what an update replaced does not come back when the update has ended',
    say: [
      [1, '1', 100, 100, '{a="old"}'],
      [2, '2', 10, 100, '{a="new"}'],
    ],
    at: [9, 10, 99],
  },
  {
    name: 'Dicts merge, all the way down',
    say: [
      [1, '1', 100, 100, '{a={x={p=1} y=1}}'],
      [2, '2', 100, 100, '{a={x={q=2} z=2} b=2}'],
    ],
    at: [0],
  },
  {
    name: 'keys of every kind are keys; 1 and 1.0 and "1" are three',
    say: [
      [
        1,
        '1',
        100,
        100,
        '{1="int" 1.0="float" "1"="string" true="bool" 0x01="bytes" ["x"]="list" {k=1}="dict" p("x")="predicate"}',
      ],
      [2, '2', 100, 100, '{1="INT" ["x"]="LIST"}'],
    ],
    at: [0],
  },
  {
    name: 'a List as a key is a set',
    say: [
      [1, '1', 100, 100, '{["a" "b"]=1}'],
      [2, '2', 100, 100, '{["b" "a"]=2}'],
    ],
    at: [0],
  },
  { name: 'an empty Dict shows while its own life lasts', say: [[1, '1', 100, 100, '{}']], at: [0, 99, 100] },
  { name: 'an empty container shows', say: [[1, '1', 100, 100, '{a={} b=[]}']], at: [0] },
  {
    name: 'a container shows while something in it does',
    say: [
      [1, '1', 100, 100, '{a={x=1}}'],
      [2, '2', 10, 100, '{a={}}'],
    ],
    at: [9, 10, 99, 100],
  },
  {
    name: 'a deep short-lived say shortens the containers above it',
    say: [
      [1, '1', 100, 100, '{a={}}'],
      [2, '2', 12, 100, '{a={x=1}}'],
    ],
    at: [11, 12],
  },

  {
    name: 'Lists are united',
    say: [
      [1, '1', 100, 100, '{l=["a" "b"]}'],
      [2, '2', 100, 100, '{l=["c" "b"]}'],
    ],
    at: [0],
  },
  {
    name: 'members stand in the order of the updates that said them last',
    say: [
      [1, '1', 100, 100, '{l=["a" "b" "c" "d"]}'],
      [3, '3', 100, 100, '{l=["a"]}'],
      [2, '2', 100, 100, '{l=["d" "b"]}'],
    ],
    at: [0],
  },
  {
    name: 'who says the whole List again sets its order',
    say: [
      [1, '1', 100, 100, '{l=["a" "b" "c"]}'],
      [2, '2', 100, 100, '{l=["c" "a" "b"]}'],
    ],
    at: [0],
  },
  {
    name: 'at one seq members stand by the hash',
    say: [
      [1, '2', 100, 100, '{l=["b" "c"]}'],
      [1, '1', 100, 100, '{l=["c" "a"]}'],
    ],
    at: [0],
  },
  {
    name: 'each member has a life of its own',
    say: [
      [1, '1', 10, 100, '{l=["a" "b"]}'],
      [2, '2', 100, 100, '{l=["b"]}'],
    ],
    at: [9, 10, 100],
  },
  {
    name: 'a member is taken out',
    say: [
      [1, '1', 100, 100, '{l=["a" "b"]}'],
      [2, '2', 100, 100, '{l=[$remove("a")]}'],
    ],
    at: [0],
  },
  {
    name: 'a member that is taken out stays out, whenever its say arrives',
    say: [
      [2, '2', 100, 100, '{l=[$remove("a") "c"]}'],
      [1, '1', 100, 100, '{l=["a" "b"]}'],
    ],
    at: [0],
  },
  {
    name: 'a member comes back when it is said again',
    say: [
      [1, '1', 100, 100, '{l=["a"]}'],
      [2, '2', 100, 100, '{l=[$remove("a")]}'],
      [3, '3', 100, 100, '{l=["a"]}'],
    ],
    at: [0],
  },
  {
    name: 'nothing merges inside a member',
    say: [
      [1, '1', 100, 100, '{l=[{a=1}]}'],
      [2, '2', 100, 100, '{l=[{a=1 b=2}]}'],
    ],
    at: [0],
  },
  {
    name: 'members of every kind',
    say: [
      [1, '1', 100, 100, '{l=["x" 1 1.0 true 0x00 ["a"] {a=1} p("x")]}'],
      [2, '2', 100, 100, '{l=[$remove(1) $remove(["a"])]}'],
    ],
    at: [0],
  },
  { name: 'a List of nothing but removals is an empty List', say: [[1, '1', 100, 100, '{l=[$remove("a")]}']], at: [0] },
  {
    name: 'lives of members by $ttl',
    say: [[1, '1', 100, 100, '{l=[$ttl("a", 9) "b" $ttl({x=1}, 19)]}']],
    at: [9, 10, 19, 20],
  },

  {
    name: 'a leaf replaces a Dict, and what was in it stays dead',
    say: [
      [1, '1', 100, 100, '{a={x=1 y=1}}'],
      [2, '2', 100, 100, '{a="leaf"}'],
      [3, '3', 100, 100, '{a={z=3}}'],
    ],
    at: [0],
  },
  {
    name: 'a Dict replaces a leaf, which stays dead when the Dict has ended',
    say: [
      [1, '1', 100, 100, '{a="leaf"}'],
      [2, '2', 10, 100, '{a={x=1}}'],
    ],
    at: [9, 10],
  },
  {
    name: 'a List replaces a Dict, and a Dict that List',
    say: [
      [1, '1', 100, 100, '{a={x=1}}'],
      [2, '2', 100, 100, '{a=["m"]}'],
      [3, '3', 100, 100, '{a={y=3}}'],
    ],
    at: [0],
  },
  {
    name: 'a Dict between two Lists clears the first',
    say: [
      [1, '1', 100, 100, '{a=["m"]}'],
      [2, '2', 100, 100, '{a={x=1}}'],
      [3, '3', 100, 100, '{a=["n"]}'],
    ],
    at: [0],
  },
  {
    name: 'a leaf between two Lists clears the first',
    say: [
      [1, '1', 100, 100, '{a=["m"]}'],
      [2, '2', 100, 100, '{a="leaf"}'],
      [3, '3', 100, 100, '{a=["n"]}'],
    ],
    at: [0],
  },
  {
    name: 'what is older than a change of kind further up is dead further down',
    say: [
      [1, '1', 100, 100, '{a={b={c={x=1}}}}'],
      [2, '2', 100, 100, '{a=["m"]}'],
      [3, '3', 100, 100, '{a={b={c={y=3}}}}'],
    ],
    at: [0],
  },
  {
    name: 'a leaf that is newer than some of a Dict and older than the rest',
    say: [
      [1, '1', 100, 100, '{a={x=1 y=1}}'],
      [3, '3', 100, 100, '{a={y=3}}'],
      [2, '2', 100, 100, '{a="leaf"}'],
    ],
    at: [0],
  },

  {
    name: '$remove empties a path',
    say: [
      [1, '1', 100, 100, '{a={x=1} b=1}'],
      [2, '2', 100, 100, '{a=$remove()}'],
    ],
    at: [0],
  },
  {
    name: 'a removed path stays empty, whenever the older say arrives',
    say: [
      [2, '2', 100, 100, '{a=$remove()}'],
      [1, '1', 100, 100, '{a={x=1}}'],
    ],
    at: [0],
  },
  {
    name: 'a removal removes after its own expires, until its retain',
    say: [
      [1, '1', 100, 100, '{a=1 b=1}'],
      [2, '2', 10, 100, '{a=$remove()}'],
    ],
    at: [0, 10, 99],
  },
  {
    name: '$remove as the body clears the document',
    say: [
      [1, '1', 100, 100, '{a=1}'],
      [2, '2', 100, 100, '$remove()'],
    ],
    at: [0],
  },
  {
    name: 'what is said after $remove() of the document stays',
    say: [
      [1, '1', 100, 100, '{a=1}'],
      [2, '2', 100, 100, '$remove()'],
      [3, '3', 100, 100, '{b=1}'],
    ],
    at: [0],
  },
  {
    name: '$set puts one Dict in the place of another',
    say: [
      [1, '1', 100, 100, '{a={x=1 y=1}}'],
      [2, '2', 100, 100, '{a=$set({y=2})}'],
    ],
    at: [0],
  },
  {
    name: '$set clears what is older, and not what is newer',
    say: [
      [1, '1', 100, 100, '{a={x=1}}'],
      [3, '3', 100, 100, '{a={z=3}}'],
      [2, '2', 100, 100, '{a=$set({y=2})}'],
    ],
    at: [0],
  },
  {
    name: '$set as the body',
    say: [
      [1, '1', 100, 100, '{a=1 b=1}'],
      [2, '2', 100, 100, '$set({b=2})'],
    ],
    at: [0],
  },
  {
    name: '$set of a leaf is that leaf',
    say: [
      [1, '1', 100, 100, '{a={x=1}}'],
      [2, '2', 100, 100, '{a=$set(5)}'],
    ],
    at: [0],
  },
  {
    name: '$set of a List',
    say: [
      [1, '1', 100, 100, '{a=["m" "n"]}'],
      [2, '2', 100, 100, '{a=$set(["n" "o"])}'],
    ],
    at: [0],
  },
  {
    name: '$set in $set, $remove in $set',
    say: [
      [1, '1', 100, 100, '{a={x=1} b={x=1}}'],
      [2, '2', 100, 100, '{a=$set($set({y=2})) b=$set($remove())}'],
    ],
    at: [0],
  },
  {
    name: 'operators in what $set says',
    say: [
      [1, '1', 100, 100, '{a=1}'],
      [2, '2', 100, 100, '{a=$set({x=$ttl(1, 8) y=$remove() z=["m" $remove("n")]})}'],
    ],
    at: [9, 10],
  },

  { name: '$ttl counts from the seq time', say: [[5, '1', 100, 100, '{a=$ttl(1, 10) b=1}']], at: [14.999, 15, 99] },
  { name: '$ttl may be longer than expires', say: [[5, '1', 10, 100, '{a=$ttl(1, 50) b=1}']], at: [9, 10, 54, 55] },
  {
    name: '$ttl gives its life to all below that has none of its own',
    say: [[0, '1', 100, 100, '{a=$ttl({x=1 y=$ttl(1, 50) z={p=1} l=["m" $ttl("n", 30)]}, 10)}']],
    at: [9, 10, 30, 50],
  },
  {
    name: '$ttl in $set',
    say: [
      [0, '0', 100, 100, '{a={x=1}}'],
      [1, '1', 100, 100, '{a=$set($ttl({y=1}, 9))}'],
    ],
    at: [9, 10],
  },
  {
    name: 'a removal by $ttl runs out into nothing',
    say: [
      [1, '1', 100, 100, '{a="old"}'],
      [2, '2', 100, 100, '{a=$ttl("new", 8)}'],
    ],
    at: [9, 10],
  },

  {
    name: 'unknown tags stay as they are',
    say: [
      [1, '1', 100, 100, '{a=whatever(1, "x", deep={list=[1 2]}) l=[other(n=1)]}'],
      [2, '2', 100, 100, '{b=whatever()}'],
    ],
    at: [0],
  },
  {
    name: 'predicates are leaves: nothing merges inside them',
    say: [
      [1, '1', 100, 100, '{a=p({x=1})}'],
      [2, '2', 100, 100, '{a=p({y=1})}'],
    ],
    at: [0],
  },
  {
    name: 'an update all of which is overtaken is not needed',
    say: [
      [1, '1', 100, 100, '{a=1 b=1}'],
      [2, '2', 100, 100, '{a=2}'],
      [3, '3', 100, 100, '{a=3 b=3}'],
    ],
    at: [0],
  },
  {
    name: 'an update is needed for what it removed until its retain has passed',
    say: [
      [1, '1', 50, 50, '{a=1 b=1}'],
      [2, '2', 20, 60, '{a=$remove()}'],
    ],
    at: [19, 20, 49, 50, 59, 60],
  },
  {
    name: 'short and long lives under one key',
    say: [
      [1, '1', 100, 100, '{nick="bob"}'],
      [2, '2', 100, 100, '{m=["one"]}'],
      [3, '3', 100, 100, '{m=[$ttl("two", 10)]}'],
    ],
    at: [12, 13, 100],
  },
]
