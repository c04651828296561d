// Java's collections: lists that can be indexed, sets, maps, and iterators with hasNext() and next().
(function (host, types) {
  "use strict";

  const same = (a, b) => a === b || (a != null && typeof a.equals === "function" && a.equals(b));
  const compare = (a, b) => typeof a?.compareTo === "function" ? a.compareTo(b) : a < b ? -1 : a > b ? 1 : 0;
  const nothing = () => { throw new RangeError("the collection is empty"); };

  class JavaIterator {
    #items; #at = 0; #remove;
    constructor(items, remove) { this.#items = Array.from(items); this.#remove = remove; }
    hasNext() { return this.#at < this.#items.length; }
    next() {
      if (!this.hasNext()) nothing();
      return this.#items[this.#at++];
    }
    remove() { this.#remove(this.#items[this.#at - 1]); }
  }

  class ArrayList extends Array {
    // A number is a capacity, as in Java; Array's own methods make their results through here as well.
    constructor(from) {
      super();
      if (from != null && typeof from !== "number") for (const item of from) this.push(item);
    }
    #within(index) {
      if (!(index >= 0 && index < this.length)) throw new RangeError(`there is no item ${index} of ${this.length}`);
      return index;
    }
    add(...given) {
      if (given.length === 2) super.splice(given[0], 0, given[1]); else super.push(given[0]);
      return true;
    }
    addAll(items) { for (const item of items) super.push(item); return true; }
    get(index) { return this[this.#within(index)]; }
    set(index, value) { const old = this.get(index); this[index] = value; return old; }
    getFirst() { return this.get(0); }
    getLast() { return this.get(this.length - 1); }
    size() { return this.length; }
    isEmpty() { return this.length === 0; }
    contains(value) { return this.indexOf(value) >= 0; }
    indexOf(value) { return super.findIndex((item) => same(item, value)); }
    remove(what) {
      if (typeof what === "number") return super.splice(this.#within(what), 1)[0];
      const index = this.indexOf(what);
      if (index >= 0) super.splice(index, 1);
      return index >= 0;
    }
    clear() { this.length = 0; }
    toArray() { return Array.from(this); }
    iterator() { return new JavaIterator(this, (item) => this.remove(item)); }
    equals(other) { return this === other || (other?.length === this.length && super.every((v, i) => same(v, other[i]))); }
    toString() { return `[${Array.from(this).join(", ")}]`; }
  }

  class JavaSet {
    #items = [];
    constructor(items) { if (items != null && typeof items !== "number") this.addAll(items); }
    // Where a new item goes: behind the others, unless the set has an order.
    place(items, _item) { return items.length; }
    add(item) {
      if (this.contains(item)) return false;
      this.#items.splice(this.place(this.#items, item), 0, item);
      return true;
    }
    addAll(items) { let changed = false; for (const item of items) changed = this.add(item) || changed; return changed; }
    remove(item) {
      const index = this.#items.findIndex((other) => same(other, item));
      if (index >= 0) this.#items.splice(index, 1);
      return index >= 0;
    }
    contains(item) { return this.#items.some((other) => same(other, item)); }
    size() { return this.#items.length; }
    get length() { return this.#items.length; }
    isEmpty() { return this.#items.length === 0; }
    clear() { this.#items = []; }
    first() { return this.#items.length === 0 ? nothing() : this.#items[0]; }
    last() { return this.#items.length === 0 ? nothing() : this.#items[this.#items.length - 1]; }
    toArray() { return Array.from(this.#items); }
    toJSON() { return this.toArray(); }
    forEach(each) { for (const item of this.toArray()) each(item); }
    removeIf(test) { const before = this.size(); this.#items = this.#items.filter((i) => !test(i)); return this.size() < before; }
    iterator() { return new JavaIterator(this.#items, (item) => this.remove(item)); }
    [Symbol.iterator]() { return this.toArray()[Symbol.iterator](); }
    toString() { return `[${this.#items.join(", ")}]`; }
  }

  class TreeSet extends JavaSet {
    place(items, item) {
      const index = items.findIndex((other) => compare(other, item) > 0);
      return index < 0 ? items.length : index;
    }
  }

  class JavaMap {
    #items = new Map();
    constructor(from) {
      if (from == null || typeof from === "number") return;
      if (from instanceof JavaMap) this.putAll(from);
      else for (const [key, value] of Object.entries(from)) this.put(key, value);
    }
    get(key) { return this.#items.get(key) ?? null; }
    getOrDefault(key, other) { return this.#items.has(key) ? this.#items.get(key) : other; }
    put(key, value) { const old = this.get(key); this.#items.set(key, value); return old; }
    putAll(map) { for (const entry of map.entrySet()) this.put(entry.getKey(), entry.getValue()); }
    remove(key) { const old = this.get(key); this.#items.delete(key); return old; }
    containsKey(key) { return this.#items.has(key); }
    containsValue(value) { return this.values().contains(value); }
    size() { return this.#items.size; }
    isEmpty() { return this.#items.size === 0; }
    clear() { this.#items.clear(); }
    keys() { return this.order(Array.from(this.#items.keys())); }
    order(keys) { return keys; }
    keySet() { return new JavaSet(this.keys()); }
    values() { return new ArrayList(this.keys().map((key) => this.get(key))); }
    entrySet() {
      const entry = (key) => ({ key, value: this.get(key), getKey: () => key, getValue: () => this.get(key) });
      return new JavaSet(this.keys().map(entry));
    }
    forEach(each) { for (const key of this.keys()) each(key, this.get(key)); }
    [Symbol.iterator]() { return this.entrySet()[Symbol.iterator](); }
    toJSON() { return Object.fromEntries(this.keys().map((key) => [key, this.get(key)])); }
    toString() { return `{${this.keys().map((key) => `${key}=${this.get(key)}`).join(", ")}}`; }
  }

  class TreeMap extends JavaMap {
    order(keys) { return keys.sort(compare); }
  }

  const listOf = (...items) => new ArrayList(items.length === 1 && Array.isArray(items[0]) ? items[0] : items);
  Object.assign(types, {
    "java.util.ArrayList": ArrayList, "java.util.LinkedList": ArrayList, "java.util.Vector": ArrayList,
    "java.util.HashSet": JavaSet, "java.util.LinkedHashSet": JavaSet, "java.util.TreeSet": TreeSet,
    "java.util.HashMap": JavaMap, "java.util.LinkedHashMap": JavaMap, "java.util.TreeMap": TreeMap,
    "java.util.List": { of: listOf }, "java.util.Arrays": { asList: listOf },
    "java.util.Collections": {
      emptyList: () => new ArrayList(), singletonList: (item) => listOf(item), emptyMap: () => new JavaMap(),
    },
  });
})
