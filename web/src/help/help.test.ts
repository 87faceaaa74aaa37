import { describe, expect, it } from "vitest";
import { type Action } from "../actions/action";
import { readSpec } from "../catalog/spec";
import { translator } from "../i18n/t";
import { choicesOf, paragraphsOf, sourcesOf, valueWords } from "./docs";
import { findShortcuts, shortcutGroups } from "./shortcut-list";

const t = translator("en");

const spec = readSpec({
  $id: "NoiseSchedule@3",
  title: "NoiseSchedule",
  description:
    "Choose the noise levels\nto visit.\n\nThe schedule the model was trained with\n(Ho et al. 2020, Eq. 2 and 4); refused otherwise (see below; guidance: Ho\nand Salimans 2022, Eq. 6).",
  required: ["file"],
  properties: {
    steps: { type: "integer", minimum: 1, maximum: 1000, "x-step": 1, default: 25, description: "How many." },
    strength: { type: "number", minimum: 0, "x-step": 0.05, default: 1, description: "Starts later (Meng et al. 2022)." },
    spacing: { type: "string", enum: ["leading", "ays"], default: "leading" },
    prompt: { type: "string", maxLength: 2000, default: "" },
    file: { "x-file": "inputs", "x-suffixes": [".png", ".jpg"] },
    eta: { type: ["number", "null"], default: null },
  },
})!;
const words = (name: string): string => valueWords(t, spec.settings.find((setting) => setting.name === name)!).join(" · ");

describe("what a type says of itself", () => {
  it("reads in paragraphs, not in Python's lines", () => {
    expect(paragraphsOf(spec)[0]).toBe("Choose the noise levels to visit.");
    expect(paragraphsOf(spec)).toHaveLength(2);
  });

  it("names its papers once each", () => {
    expect(sourcesOf(spec)).toEqual(["Ho et al. 2020, Eq. 2 and 4", "Ho and Salimans 2022, Eq. 6", "Meng et al. 2022"]);
  });

  it.each([
    ["steps", "whole number · 1 to 1000 · preset 25"],
    ["strength", "number · from 0 · in steps of 0.05 · preset 1"],
    ["spacing", "preset leading"],
    ["prompt", "text · at most 2000 letters · preset empty"],
    ["file", "file: .png .jpg · required"],
    ["eta", "number · preset empty"],
  ])("%s takes: %s", (name, text) => expect(words(name)).toBe(text));

  it("lists choices", () => {
    expect(choicesOf(spec.settings[2]!)).toEqual(["leading", "ays"]);
  });
});

const action = (title: Action["title"], section: Action["section"], keys?: string[]): Action => ({ title, section, keys, run: () => undefined });

describe("shortcuts", () => {
  const actions = { undo: action("action.undo", "edit", ["Mod+KeyZ"]), fit: action("action.fit", "view", ["Period", "Period"]), templates: action("action.templates", "file") };

  it("come from the table; what has no keys is no shortcut", () => {
    const groups = shortcutGroups(actions, t, false);
    expect(groups.map(({ id }) => id)).toEqual(["edit", "view", "hands"]);
    expect(groups[0]?.shortcuts[0]?.chords).toEqual(["Ctrl+Z"]);
    expect(groups[1]?.shortcuts[0]?.chords).toEqual(["."]);
  });

  it("are found by name and by key", () => {
    const groups = shortcutGroups(actions, t, false);
    const found = (query: string): string[] => findShortcuts(groups, query).flatMap(({ shortcuts }) => shortcuts.map(({ id }) => id));
    expect(found("ctrl z")).toEqual(["undo"]);
    expect(found("Ctrl+Z")).toEqual(["undo"]);
    expect(found("pinch")).toEqual(["zoom"]);
    expect(found("no such thing")).toEqual([]);
    expect(found("")).toHaveLength(9);
  });
});
