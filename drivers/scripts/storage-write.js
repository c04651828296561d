// Puts back what an origin had stored: a function of { localStorage, indexedDB } in the shape of Playwright's storageState.
// Answers with a promise of the names of what could not be written. What belongs to one tab ({ sessionStorage }) is written
// only to see whether there is room for it, and taken away again.
(async (data) => {
  const failed = [];
  for (const { name, value } of data.localStorage || []) {
    try {
      localStorage.setItem(name, value);
    } catch {
      failed.push(`localStorage ${name}`);
    }
  }

  const tried = [];
  for (const { name, value } of data.sessionStorage || []) {
    if (sessionStorage.getItem(name) !== null) continue;
    try {
      sessionStorage.setItem(name, value);
      tried.push(name);
    } catch {
      failed.push(`sessionStorage ${name}`);
    }
  }
  for (const name of tried) sessionStorage.removeItem(name);

  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const typed = {
    i8: Int8Array, ui8: Uint8Array, ui8c: Uint8ClampedArray, i16: Int16Array, ui16: Uint16Array, i32: Int32Array,
    ui32: Uint32Array, f32: Float32Array, f64: Float64Array, bi64: BigInt64Array, bui64: BigUint64Array,
  };
  const special = { undefined, null: null, NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

  const decode = (value, seen) => {
    if (value === null || typeof value !== 'object') return value;
    if ('v' in value) return special[value.v];
    if ('bi' in value) return BigInt(value.bi);
    if ('d' in value) return new Date(value.d);
    if ('u' in value) return new URL(value.u);
    if ('r' in value) return new RegExp(value.r.p, value.r.f);
    if ('e' in value) return Object.assign(new Error(value.e.m), { name: value.e.n, stack: value.e.s });
    if ('ab' in value) return bytes(value.ab.b).buffer;
    if ('ta' in value) return new typed[value.ta.k](bytes(value.ta.b).buffer);
    if ('ref' in value) return seen.get(value.ref);
    if ('a' in value) {
      const array = [];
      seen.set(value.id, array);
      for (const item of value.a) array.push(decode(item, seen));
      return array;
    }
    const object = {};
    seen.set(value.id, object);
    for (const { k, v } of value.o || []) object[k] = decode(v, seen);
    return object;
  };

  const path = (entry) => entry.keyPathArray ?? entry.keyPath ?? null;
  const plain = (record, name) => (record[`${name}Encoded`] === undefined ? record[name] : decode(record[`${name}Encoded`], new Map()));

  const put = (made, store, record) => {
    const value = plain(record, 'value');
    if (path(store) === null) made.put(value, plain(record, 'key')); else made.put(value);
  };

  const create = (database, stores) => {
    for (const store of stores || []) {
      const made = database.createObjectStore(store.name, { keyPath: path(store), autoIncrement: store.autoIncrement });
      for (const index of store.indexes || []) {
        made.createIndex(index.name, path(index), { unique: index.unique, multiEntry: index.multiEntry });
      }
      for (const record of store.records || []) put(made, store, record);
    }
  };

  // A database that the application has made already keeps its shape: the records go where there is a place for them.
  const fill = (database, stores) => Promise.all((stores || []).map((store) => new Promise((resolve) => {
    const miss = () => {
      failed.push(`indexedDB ${database.name}/${store.name}`);
      resolve();
    };
    try {
      const change = database.transaction(store.name, 'readwrite');
      change.oncomplete = resolve;
      change.onabort = miss;
      for (const record of store.records || []) put(change.objectStore(store.name), store, record);
    } catch {
      miss();
    }
  })));

  // The records go in while the database is made, so that whoever opens it next waits until all is there.
  const restore = ({ name, version, stores }) => new Promise((resolve, reject) => {
    let isNew = false;
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = ({ oldVersion }) => {
      isNew = oldVersion === 0;
      // An older one is the application's to bring up to date.
      if (isNew) create(request.result, stores); else request.transaction.abort();
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('the application holds an older one'));
    request.onsuccess = async () => {
      if (!isNew) await fill(request.result, stores);
      request.result.close();
      resolve();
    };
  });

  for (const database of data.indexedDB || []) {
    try {
      await restore(database);
    } catch {
      failed.push(`indexedDB ${database.name}`);
    }
  }
  return failed;
})
