/** The panels beside the graph. A feature adds its own here: a place, a name, an icon, a component. */

import { type ComponentType } from "react";
import { ProblemsPanel } from "../check/ProblemsPanel";
import { DocsPanel } from "../help/DocsPanel";
import { type TextKey } from "../i18n/t";
import { InspectorPanel } from "../inspector/InspectorPanel";
import { OutlinePanel } from "../outline/OutlinePanel";
import { type IconName } from "../ui/Icon";

export interface Panel {
  id: string;
  side: "left" | "right";
  title: TextKey;
  icon: IconName;
  Component: ComponentType;
}

/** In the order of the rail. */
export const panels: readonly Panel[] = [
  { id: "outline", side: "left", title: "outline.title", icon: "outline", Component: OutlinePanel },
  { id: "inspector", side: "right", title: "inspector.title", icon: "info", Component: InspectorPanel },
  { id: "problems", side: "right", title: "check.title", icon: "warning", Component: ProblemsPanel },
  { id: "docs", side: "right", title: "docs.title", icon: "book", Component: DocsPanel },
];

/** What sits in the header between the name and the Run button: the tabs of the open workflows. */
export const headerSlots: readonly ComponentType[] = [];

/** What is drawn over everything, such as the viewer and dialogs; each shows itself when it is asked for. */
export const overlays: readonly ComponentType[] = [];

/** What every node shows below its settings, such as previews and pictures. */
export const nodeSlots: readonly ComponentType<{ nodeId: string }>[] = [];
