import { describe, expect, it } from "vitest";
import { applySettings, themeOf } from "./apply";
import { createSettings } from "./store";

function memory(kept?: string): Storage {
  const items = new Map(kept === undefined ? [] : [["latentgraph.settings", kept]]);
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
    clear: () => items.clear(),
    key: () => null,
    length: 0,
  };
}

/** What a system says of its colours, and may say again. */
class FakeMedia {
  matches = false;
  private call = (): void => undefined;

  addEventListener(_: string, call: () => void): void {
    this.call = call;
  }

  removeEventListener(): void {
    this.call = () => undefined;
  }

  become(light: boolean): void {
    this.matches = light;
    this.call();
  }
}

describe("settings", () => {
  it("speaks the first known language of the browser", () => {
    expect(createSettings(undefined, ["fr-FR", "ko-KR", "en"]).getState().language).toBe("ko");
    expect(createSettings(undefined, ["fr"]).getState().language).toBe("en");
  });

  it("are kept and found again", () => {
    const storage = memory();
    createSettings(storage, []).setState({ theme: "light", snap: false });
    const { theme, snap } = createSettings(storage, []).getState();
    expect([theme, snap]).toEqual(["light", false]);
  });

  it("takes nothing it does not know from what was kept", () => {
    for (const kept of ["not JSON", "null", "[1]", '{"theme":"pink","snap":"yes","language":3}']) {
      expect(createSettings(memory(kept), []).getState()).toMatchObject({ theme: "dark", snap: true, language: "en" });
    }
  });

  it("works where nothing can be kept", () => {
    const full: Storage = {
      ...memory(),
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    };
    const settings = createSettings(full, []);
    settings.setState({ theme: "light" });
    expect(settings.getState().theme).toBe("light");
  });

  it("are written to the root, and again when the system changes its mind", () => {
    const media = new FakeMedia();
    const root = { dataset: {} as DOMStringMap, lang: "" };
    const settings = createSettings(undefined, []);
    applySettings(settings, root as HTMLElement, media as unknown as MediaQueryList);
    expect(root.dataset["theme"]).toBe("dark");
    settings.setState({ theme: "system", language: "zh" });
    media.become(true);
    expect([root.dataset["theme"], root.lang]).toEqual(["light", "zh"]);
  });

  it("high contrast is a theme of its own, whatever the system likes", () => {
    expect(themeOf("contrast", true)).toBe("contrast");
  });
});
