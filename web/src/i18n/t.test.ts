import { describe, expect, it } from "vitest";
import { translator, wordsOf } from "./t";

describe("texts", () => {
  it("fill in names, and choose the plural", () => {
    const t = translator("en");
    expect(t("check.show", { node: "denoise" })).toBe("Show denoise");
    expect([t("check.errors", { count: 1 }), t("check.errors", { count: 2 })]).toEqual(["1 error", "2 errors"]);
  });

  it.each(["ko", "zh"] as const)("%s uses the same places as English", (language) => {
    const places = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1] ?? ""))].toSorted();
    const english = wordsOf("en");
    const other = wordsOf(language);
    const differing = (Object.keys(english) as (keyof typeof english)[]).filter((key) => String(places(other[key])) !== String(places(english[key])));
    expect(differing).toEqual([]);
  });
});
