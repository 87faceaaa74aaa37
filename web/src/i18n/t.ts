/** All texts of the page: `t("canvas.fit")`, with `{name}` filled in. */

import { useMemo } from "react";
import { useStore } from "zustand";
import { actionWords } from "../actions/words";
import { appWords } from "../app/words";
import { canvasWords } from "../canvas/words";
import { checkWords } from "../check/words";
import { doorWords } from "../door/words";
import { filesWords } from "../workflows/words";
import { galleryWords } from "../gallery/words";
import { helpWords } from "../help/words";
import { inspectorWords } from "../inspector/words";
import { maskWords } from "../mask/words";
import { outlineWords } from "../outline/words";
import { paletteWords } from "../palette/words";
import { planWords } from "../plan/words";
import { queueWords } from "../queue/words";
import { settingsWords } from "../settings/words";
import { viewerWords } from "../viewer/words";
import { widgetWords } from "../widgets/words";
import { useSession } from "../session";
import { type Language, type Words } from "./define";

const gathered = [
  actionWords,
  appWords,
  canvasWords,
  checkWords,
  doorWords,
  filesWords,
  galleryWords,
  helpWords,
  inspectorWords,
  maskWords,
  outlineWords,
  paletteWords,
  planWords,
  queueWords,
  settingsWords,
  viewerWords,
  widgetWords,
] as const;

type KeysOf<W> = W extends Words<infer Key> ? Key : never;
export type TextKey = KeysOf<(typeof gathered)[number]>;
export type Translate = (key: TextKey, values?: Record<string, string | number>) => string;

const tables = Object.fromEntries(
  (["en", "ko", "zh"] as const).map((language) => [
    language,
    // Each part has its own keys; together they are all of them.
    Object.assign({}, ...gathered.map((words) => words[language])) as Record<TextKey, string>,
  ]),
) as Record<Language, Record<TextKey, string>>;

/** `{name}`, and for languages with a plural `{count:node|nodes}`. */
const PLACE = /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g;

export function translator(language: Language): Translate {
  const table = tables[language];
  return (key, values = {}) => table[key].replaceAll(PLACE, (whole, name: string, one?: string, many?: string) => {
    if (many !== undefined) return values[name] === 1 ? (one ?? "") : many;
    return String(values[name] ?? whole);
  });
}

export function useT(): Translate {
  const language = useStore(useSession().settings, (state) => state.language);
  return useMemo(() => translator(language), [language]);
}

export function wordsOf(language: Language): Record<TextKey, string> {
  return tables[language];
}
