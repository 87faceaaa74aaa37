/** What changed between two values that share what did not: small enough to keep hundreds of. */

import { type Json, type JsonObject, isObject } from "./model";

export interface Patch {
  path: readonly string[];
  before: Json | undefined;
  after: Json | undefined;
  /** Where keys came or went: their order, so that undoing gives the same file, byte for byte. */
  keys?: { before: string[]; after: string[] };
}

export function diff(before: Json | undefined, after: Json | undefined, path: readonly string[] = []): Patch[] {
  if (before === after) return [];
  if (!isObject(before) || !isObject(after)) return [{ path, before, after }];
  const old = Object.keys(before);
  const now = Object.keys(after);
  const patches = [...new Set([...old, ...now])].flatMap((key) => diff(before[key], after[key], [...path, key]));
  if (old.length !== now.length || old.some((key, at) => key !== now[at])) {
    patches.push({ path, before: undefined, after: undefined, keys: { before: old, after: now } });
  }
  return patches;
}

export function applyPatches<T extends JsonObject>(value: T, patches: readonly Patch[]): T {
  // Each path leads through objects, and the root stays one: the type of the whole is unchanged.
  return patches.reduce<Json | undefined>((whole, patch) => put(whole, patch, 0), value) as T;
}

export function invert(patches: readonly Patch[]): Patch[] {
  return patches.toReversed().map(({ path, before, after, keys }) => ({
    path,
    before: after,
    after: before,
    ...(keys && { keys: { before: keys.after, after: keys.before } }),
  })).toSorted((a, b) => Number(a.keys !== undefined) - Number(b.keys !== undefined));
}

function put(value: Json | undefined, patch: Patch, depth: number): Json | undefined {
  if (depth === patch.path.length) return patch.keys ? ordered(value, patch.keys.after) : patch.after;
  const key = patch.path[depth] ?? "";
  const holder: JsonObject = isObject(value) ? value : {};
  const child = put(holder[key], patch, depth + 1);
  if (child !== undefined) return { ...holder, [key]: child };
  const { [key]: _gone, ...rest } = holder;
  return rest;
}

function ordered(value: Json | undefined, keys: readonly string[]): Json | undefined {
  if (!isObject(value)) return value;
  return Object.fromEntries(keys.map((key) => [key, value[key]]));
}
