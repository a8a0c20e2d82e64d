// ---- Words: what an answer has that the gold lacks, and where words stand in a passage.

const LARGEST = 1_000_000; // products of word counts beyond this are not compared
const FEW = 20; // golds that are compared
// A word with the space after it. Scripts without spaces are cut into characters.
const ALONE = "\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Thai}\\p{sc=Khmr}\\p{sc=Laoo}\\p{sc=Mymr}";
const WORD = new RegExp(`(?:[${ALONE}]\\p{M}*|[^\\s${ALONE}]+)\\s*`, "gu");
const EDGES = /^[!-/:-@[-`{-~]+|[!-/:-@[-`{-~]+$/g;
const ARTICLES = new Set(["a", "an", "the"]);
const SMALL = new Set("of in on at to for and or is are was were be by with from as that this it its not no yes".split(" "));

// As the metrics compare: lower case, without ASCII punctuation and English articles. An empty key compares with nothing.
const keyOf = (word) => {
  const key = word.toLowerCase().replace(/[!-/:-@[-`{-~]/g, "");
  return ARTICLES.has(key) ? "" : key;
};

// A word stands from its first to its last character that is no punctuation.
const wordsOf = (text) =>
  [...text.matchAll(WORD)].map((match) => {
    const whole = match[0].trimEnd();
    const core = whole.replace(EDGES, "") || whole;
    const start = match.index + whole.indexOf(core);
    return { text: match[0], key: keyOf(whole), start, end: start + core.length };
  });

// Lengths of the longest common subsequences of all ends of both lists, (n + 1) x (m + 1) row by row.
const common = (one, other) => {
  const width = other.length + 1;
  const table = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      const same = one[i].key === other[j].key;
      const next = i * width + j;
      table[next] = same ? table[next + width + 1] + 1 : Math.max(table[next + width], table[next + 1]);
    }
  }
  return table;
};

// The gold that shares most words, in order, with the answer; the first of equals.
const nearest = (said, golds) => {
  let best = null;
  for (const gold of golds.slice(0, FEW)) {
    const words = wordsOf(gold).filter((word) => word.key);
    if (words.length * said.length > LARGEST) continue;
    const table = common(said, words);
    const likeness = (2 * table[0]) / (said.length + words.length || 1);
    if (!best || likeness > best.likeness) best = { gold, words, table, likeness };
  }
  return best;
};

// The answer's words as [kind, text]: same, added (not in the gold) or missing (in the gold alone). Where no word is
// the same, the missing ones would be the whole gold, which stands above already.
const compared = (answer, golds) => {
  const all = wordsOf(answer);
  const said = all.filter((word) => word.key);
  const best = nearest(said, golds);
  if (!best) return null;
  if (!best.table[0]) return { gold: best.gold, parts: [["added", answer]] };
  const parts = [];
  const push = (kind, text) => {
    const last = parts[parts.length - 1];
    if (last && last[0] === kind) last[1] += text;
    else parts.push([kind, text]);
  };
  const width = best.words.length + 1;
  let i = 0, j = 0;
  const missing = (until) => {
    for (; j < until; j++) push("missing", `${best.words[j].text.trim()} `);
  };
  for (const word of all) {
    if (!word.key) {
      push(parts.length && parts[parts.length - 1][0] === "added" ? "added" : "same", word.text);
      continue;
    }
    while (j < best.words.length && best.words[j].key !== word.key && best.table[i * width + j + 1] >= best.table[(i + 1) * width + j]) missing(j + 1);
    const same = j < best.words.length && best.words[j].key === word.key;
    push(same ? "same" : "added", word.text);
    if (same) j += 1;
    i += 1;
  }
  missing(best.words.length);
  return { gold: best.gold, parts };
};

// Where the words of a phrase stand side by side in a text.
const phrases = (words, phrase) => {
  const keys = wordsOf(phrase).map((word) => word.key).filter(Boolean);
  const keyed = words.filter((word) => word.key);
  const found = [];
  if (!keys.length) return found;
  for (let i = 0; i + keys.length <= keyed.length; i++) {
    if (keys.every((key, k) => keyed[i + k].key === key)) found.push([keyed[i].start, keyed[i + keys.length - 1].end]);
  }
  return found;
};

// Where an answer's words stand in a text: the whole answer if it stands there, else its words but for small ones.
const places = (words, answer) => {
  const keys = new Set(wordsOf(answer).map((word) => word.key).filter((key) => key && !SMALL.has(key)));
  if (!keys.size) return [];
  const whole = phrases(words, answer);
  if (whole.length) return whole;
  return words.filter((word) => keys.has(word.key)).map((word) => [word.start, word.end]);
};

// The text cut where marks begin or end, as [text, is gold, is said].
const cut = (text, gold, said) => {
  const ends = [...new Set([0, text.length, ...gold.flat(), ...said.flat()])].sort((a, b) => a - b);
  const inside = (ranges, at) => ranges.some(([start, end]) => start <= at && at < end);
  return ends.slice(0, -1).map((start, k) => [text.slice(start, ends[k + 1]), inside(gold, start), inside(said, start)]);
};

