/** What a node type's schema says, ready to read. */

import { isNullable, plainType } from "../catalog/settings";
import { type NodeSpec, type SettingSpec } from "../catalog/spec";
import { type Json } from "../document/model";
import { type Translate } from "../i18n/t";

/** The description's paragraphs; their lines were broken for Python. */
export function paragraphsOf({ description }: NodeSpec): string[] {
  return description.split(/\n\s*\n/).map((part) => part.replaceAll(/\s*\n\s*/g, " ").trim()).filter(Boolean);
}

/** The papers it names, in brackets with their year: "Ho et al. 2020, Eq. 2 and 4". */
export function sourcesOf(spec: NodeSpec): string[] {
  const texts = [spec.description, ...[...spec.inputs, ...spec.settings].map(({ description }) => description)];
  const cited = texts.flatMap((text) => [...text.replaceAll(/\s+/g, " ").matchAll(/\(([^()]*\b(?:19|20)\d\d\b[^()]*)\)/g)].map((match) => match[1] ?? ""));
  const single = cited.flatMap((part) => part.split(/;\s*/)).filter((part) => /\b(?:19|20)\d\d\b/.test(part));
  // "guidance: Ho and Salimans 2022" tells which part of the text it is about: the name is enough here.
  return [...new Set(single.map((part) => part.replace(/^[a-z ]+:\s*/, "").trim()))];
}

/** What a setting takes: kind, range, step, preset. */
export function valueWords(t: Translate, { schema, default: preset, required }: SettingSpec): string[] {
  const { minimum: min, maximum: max, enum: choices, maxLength } = schema;
  const suffixes = schema["x-suffixes"];
  const step = schema["x-step"];
  const words = [
    Array.isArray(suffixes) && t("docs.file", { suffixes: suffixes.join(" ") }),
    !Array.isArray(suffixes) && !Array.isArray(choices) && kindWord(t, plainType(schema)),
    rangeWord(t, min, max),
    typeof step === "number" && step !== 1 && t("docs.step", { step }),
    typeof maxLength === "number" && t("docs.length", { count: maxLength }),
    required ? t("docs.required") : presetWord(t, preset, isNullable(schema)),
  ];
  return words.filter((word) => typeof word === "string");
}

function kindWord(t: Translate, kind: string | undefined): string | undefined {
  if (kind === "integer" || kind === "number" || kind === "boolean" || kind === "string") return t(`docs.${kind}`);
  return undefined;
}

function rangeWord(t: Translate, min: Json | undefined, max: Json | undefined): string | undefined {
  if (typeof min === "number" && typeof max === "number") return t("docs.range", { min, max });
  if (typeof min === "number") return t("docs.from", { min });
  return typeof max === "number" ? t("docs.upTo", { max }) : undefined;
}

function presetWord(t: Translate, preset: Json | undefined, nullable: boolean): string | undefined {
  if (preset === undefined) return undefined;
  const isEmpty = preset === "" || (preset === null && nullable);
  return t("docs.preset", { value: isEmpty ? t("docs.empty") : typeof preset === "string" ? preset : JSON.stringify(preset) });
}

export function choicesOf({ schema }: SettingSpec): string[] {
  const { enum: choices } = schema;
  return Array.isArray(choices) ? choices.map(String) : [];
}
