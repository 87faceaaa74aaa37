/** The parts of the page that few visits need: left out of what is loaded first. */

import { useT } from "../i18n/t";
import { later } from "../ui/later";

const loads = {
  commands: async () => (await import("../palette/CommandPalette")).CommandPalette,
  docs: async () => (await import("../help/DocsPanel")).DocsPanel,
  find: async () => (await import("../palette/FindDialog")).FindDialog,
  outline: async () => (await import("../outline/OutlinePanel")).OutlinePanel,
  settings: async () => (await import("../settings/SettingsDialog")).SettingsDialog,
  shortcuts: async () => (await import("../help/ShortcutsDialog")).ShortcutsDialog,
  templates: async () => (await import("../palette/TemplatesDialog")).TemplatesDialog,
  viewer: async () => (await import("../viewer/Viewer")).Viewer,
};

export const CommandPalette = later(loads.commands, Missing);
export const DocsPanel = later(loads.docs, Missing);
export const FindDialog = later(loads.find, Missing);
export const OutlinePanel = later(loads.outline, Missing);
export const SettingsDialog = later(loads.settings, Missing);
export const ShortcutsDialog = later(loads.shortcuts, Missing);
export const TemplatesDialog = later(loads.templates, Missing);
export const Viewer = later(loads.viewer, Missing);

/** Fetches them while nothing else is to be done, so that they are there also when the server is not. */
export async function fetchParts(): Promise<void> {
  for (const load of Object.values(loads)) await load().catch(() => undefined);
}

function Missing() {
  return <p role="alert">{useT()("app.unreachable")}</p>;
}
