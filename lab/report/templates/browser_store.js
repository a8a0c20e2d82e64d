// ---- Store: what the islands hold, unpacked when it is looked at.

const PAGES_KEPT = 40;
const ABSENT = 255;

const bytesOf = (base64) => {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
};

const unpack = async (name) => {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  writer.write(bytesOf(document.getElementById(`browser-${name}`).textContent.trim())).catch(() => {});
  writer.close().catch(() => {}); // a damaged island is told of by the reader below
  return new Response(stream.readable).json();
};

// Pages that were looked at last stay unpacked.
const kept = new Map();
const page = (name) => {
  const found = kept.get(name) || unpack(name);
  kept.delete(name);
  kept.set(name, found);
  if (kept.size > PAGES_KEPT) kept.delete(kept.keys().next().value);
  return found;
};

const store = {};

const allocate = (head) => {
  const count = head.questions;
  Object.assign(store, head, {
    id: [], text: [], gold: [], search: [],
    kind: new Uint32Array(count), cluster: new Uint32Array(count), order: new Uint32Array(count),
    verdict: head.runs.map(() => new Uint8Array(count).fill(ABSENT)),
    cause: head.runs.map(() => new Uint32Array(count)),
    answer: head.runs.map(() => []),
    score: head.methods.map(() => new Float64Array(count).fill(NaN)),
    share: head.methods.map(() => new Float64Array(count).fill(NaN)), // of a method's runs that are right
    evenness: new Float64Array(count),
    split: new Uint8Array(count),
    place: new Map(), // of an id
    maker: new Map(), // of a question that no person wrote
    runsOf: head.methods.map((_, method) => head.runs.flatMap(([owner], run) => (owner === method ? [run] : []))),
  });
};

const folded = (text) => text.normalize("NFC").toLowerCase();

// How evenly right and wrong divide, and whether a method is right in all its runs where another is wrong in all.
const judge = (i) => {
  let right = 0, methods = 0, best = 0, worst = 1;
  store.share.forEach((share, method) => {
    let good = 0, runs = 0;
    for (const run of store.runsOf[method]) {
      const verdict = store.verdict[run][i];
      if (verdict === ABSENT) continue;
      runs += 1;
      good += verdict > 0 ? 1 : 0;
    }
    if (!runs) return;
    share[i] = good / runs;
    right += share[i];
    methods += 1;
    best = Math.max(best, share[i]);
    worst = Math.min(worst, share[i]);
  });
  store.evenness[i] = Math.min(right, methods - right);
  store.split[i] = best === 1 && worst === 0 ? 1 : 0;
};

const append = (columns) => {
  const first = store.id.length;
  columns.id.forEach((id, k) => {
    const i = first + k;
    store.id.push(id);
    store.text.push(columns.q[k]);
    store.gold.push(columns.g[k]);
    store.place.set(id, i);
    store.kind[i] = columns.k[k];
    store.cluster[i] = columns.c[k];
    store.order[i] = columns.o[k];
    if (columns.m?.[k]) store.maker.set(i, columns.m[k]);
    const said = [];
    store.runs.forEach((_, run) => {
      const verdict = columns.r[run][k];
      if (verdict !== "-") store.verdict[run][i] = Number(verdict);
      store.cause[run][i] = columns.w[run][k];
      store.answer[run].push(columns.t[run][k]);
      if (columns.t[run][k]) said.push(columns.t[run][k]);
    });
    store.score.forEach((score, method) => {
      if (columns.s[method][k] !== null) score[i] = columns.s[method][k];
    });
    store.search.push(folded([id, columns.q[k], ...columns.g[k], ...new Set(said)].join("\n")));
    judge(i);
  });
};

const load = async () => {
  allocate(await unpack("head"));
  const pages = Math.ceil(store.questions / store.sizes.index);
  for (let number = 0; number < pages; number++) append(await unpack(`index-${number}`));
};

// A question's details, and the passages that they name.
const details = async (i) => {
  const found = (await page(`detail-${Math.floor(i / store.sizes.detail)}`))[i % store.sizes.detail];
  const places = [...new Set(found.h.flatMap((hits) => hits.map(([place]) => place)))];
  const passages = new Map();
  for (const place of places) {
    const shelf = await page(`passages-${Math.floor(place / store.sizes.passages)}`);
    passages.set(place, shelf[place % store.sizes.passages]);
  }
  return { answers: found.a, readings: found.h, passages };
};

