import { type Settings, type SettingsStore } from "./store";

/** Writes the settings to the root element, where the style sheets read them, now and at every change. */
export function applySettings(settings: SettingsStore, root: HTMLElement, prefersLight: MediaQueryList): () => void {
  const write = (): void => {
    const { theme, language, density, motion } = settings.getState();
    root.dataset["theme"] = themeOf(theme, prefersLight.matches);
    root.dataset["density"] = density;
    root.dataset["motion"] = motion;
    root.lang = language;
  };
  write();
  prefersLight.addEventListener("change", write);
  const stop = settings.subscribe(write);
  return () => {
    stop();
    prefersLight.removeEventListener("change", write);
  };
}

export function themeOf(theme: Settings["theme"], isLight: boolean): string {
  if (theme === "system") return isLight ? "light" : "dark";
  return theme;
}

/** Whether what moves by itself should rather be there at once. */
export function isStill({ motion }: Settings): boolean {
  return motion === "reduced" || matchMedia("(prefers-reduced-motion: reduce)").matches;
}
