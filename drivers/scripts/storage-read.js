// Reads what an origin has stored: an expression whose value is a promise of
// { origin, localStorage, sessionStorage, indexedDB, lost }.
// IndexedDB is told in the shape of Playwright's storageState; `lost` names what that shape cannot hold.
(async () => {
  const lost = [];

  const entries = (storage) => {
    try {
      return Object.keys(storage).map((name) => ({ name, value: storage.getItem(name) }));
    } catch {
      return [];
    }
  };

  const isPlain = (value) => {
    if (typeof value === 'string' || typeof value === 'boolean') return true;
    if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
    if (value === null || typeof value !== 'object') return false;
    if (Array.isArray(value)) return value.every((item) => item === null || isPlain(item));
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every((item) => item === null || isPlain(item));
  };

  const base64 = (buffer) => {
    let text = '';
    for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
    return btoa(text);
  };

  const typed = [
    [Int8Array, 'i8'], [Uint8Array, 'ui8'], [Uint8ClampedArray, 'ui8c'], [Int16Array, 'i16'], [Uint16Array, 'ui16'],
    [Int32Array, 'i32'], [Uint32Array, 'ui32'], [Float32Array, 'f32'], [Float64Array, 'f64'],
    [BigInt64Array, 'bi64'], [BigUint64Array, 'bui64'],
  ];

  const encode = (value, seen, where) => {
    if (value === undefined) return { v: 'undefined' };
    if (value === null) return { v: 'null' };
    if (typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number') {
      if (Number.isNaN(value)) return { v: 'NaN' };
      if (Object.is(value, -0)) return { v: '-0' };
      if (!Number.isFinite(value)) return { v: value > 0 ? 'Infinity' : '-Infinity' };
      return value;
    }
    if (typeof value === 'bigint') return { bi: value.toString() };
    if (value instanceof Date) return { d: value.toJSON() };
    if (value instanceof URL) return { u: value.toJSON() };
    if (value instanceof RegExp) return { r: { p: value.source, f: value.flags } };
    if (value instanceof Error) return { e: { n: value.name, m: value.message, s: value.stack || '' } };
    if (value instanceof ArrayBuffer) return { ab: { b: base64(value) } };
    const kind = typed.find(([type]) => value instanceof type);
    if (kind) return { ta: { b: base64(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)), k: kind[1] } };
    if (seen.has(value)) return { ref: seen.get(value) };
    const id = seen.size + 1;
    seen.set(value, id);
    if (Array.isArray(value)) return { a: value.map((item) => encode(item, seen, where)), id };
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) lost.push(`${where}: ${prototype.constructor?.name || 'object'}`);
    return { o: Object.keys(value).map((k) => ({ k, v: encode(value[k], seen, where) })), id };
  };

  const wait = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  const path = (keyPath, name) => (Array.isArray(keyPath) ? { [`${name}Array`]: keyPath } : keyPath === null ? {} : { [name]: keyPath });

  const readStore = async (database, name) => {
    const store = database.transaction(name, 'readonly').objectStore(name);
    const [keys, values] = await Promise.all([wait(store.getAllKeys()), wait(store.getAll())]);
    const where = `indexedDB ${database.name}/${name}`;
    const records = values.map((value, i) => {
      const record = {};
      if (store.keyPath === null) {
        if (isPlain(keys[i])) record.key = keys[i]; else record.keyEncoded = encode(keys[i], new Map(), where);
      }
      if (isPlain(value)) record.value = value; else record.valueEncoded = encode(value, new Map(), where);
      return record;
    });
    const indexes = [...store.indexNames].map((indexName) => {
      const index = store.index(indexName);
      return { name: index.name, ...path(index.keyPath, 'keyPath'), multiEntry: index.multiEntry, unique: index.unique };
    });
    return { name, ...path(store.keyPath, 'keyPath'), autoIncrement: store.autoIncrement, records, indexes };
  };

  const readDatabase = async ({ name, version }) => {
    const database = await wait(indexedDB.open(name));
    try {
      const stores = [];
      for (const store of [...database.objectStoreNames]) stores.push(await readStore(database, store));
      return { name, version, stores };
    } finally {
      database.close();
    }
  };

  const databases = [];
  try {
    for (const info of await indexedDB.databases()) databases.push(await readDatabase(info));
  } catch (error) {
    lost.push(`indexedDB: ${error.name}`);
  }
  const area = (name) => {
    try {
      return entries(window[name]);
    } catch {
      return [];
    }
  };
  return {
    origin: location.origin,
    localStorage: area('localStorage'),
    sessionStorage: area('sessionStorage'),
    indexedDB: databases,
    lost,
  };
})()
