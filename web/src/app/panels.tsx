/** The panels beside the graph. A feature adds its own here: a place, a name, an icon, a component. */

import { type ComponentType } from "react";
import { ProblemsPanel } from "../check/ProblemsPanel";
import { Gallery } from "../gallery/Gallery";
import { type TextKey } from "../i18n/t";
import { InspectorPanel } from "../inspector/InspectorPanel";
import { LoadedFile } from "../mask/LoadedFile";
import { MaskOverlay } from "../mask/MaskOverlay";
import { Connection } from "../queue/Connection";
import { Queue } from "../queue/Queue";
import { RunNews } from "../queue/RunNews";
import { type IconName } from "../ui/Icon";
import { NodePicture } from "../viewer/NodePicture";
import { ViewerOverlay } from "../viewer/ViewerOverlay";
import { FileDrop } from "../workflows/FileDrop";
import { LibraryPanel } from "../workflows/LibraryPanel";
import { FileQuestions } from "../workflows/Questions";
import { Tabs } from "../workflows/Tabs";
import { DocsPanel, OutlinePanel } from "./parts";

export interface Panel {
  id: string;
  side: "left" | "right";
  title: TextKey;
  icon: IconName;
  Component: ComponentType;
}

/** In the order of the rail. */
export const panels: readonly Panel[] = [
  { id: "library", side: "left", title: "files.library", icon: "library", Component: LibraryPanel },
  { id: "queue", side: "left", title: "queue.title", icon: "queue", Component: Queue },
  { id: "gallery", side: "left", title: "gallery.title", icon: "gallery", Component: Gallery },
  { id: "outline", side: "left", title: "outline.title", icon: "outline", Component: OutlinePanel },
  { id: "inspector", side: "right", title: "inspector.title", icon: "info", Component: InspectorPanel },
  { id: "problems", side: "right", title: "check.title", icon: "warning", Component: ProblemsPanel },
  { id: "docs", side: "right", title: "docs.title", icon: "book", Component: DocsPanel },
];

/** What sits in the header between the name and the Run button: the tabs of the open workflows. */
export const headerSlots: readonly ComponentType[] = [Tabs];

/** What is drawn over everything, such as the viewer and dialogs; each shows itself when it is asked for. */
export const overlays: readonly ComponentType[] = [Connection, RunNews, FileDrop, FileQuestions, ViewerOverlay, MaskOverlay];

/** What every node shows below its settings, such as previews and pictures. */
export const nodeSlots: readonly ComponentType<{ nodeId: string }>[] = [LoadedFile, NodePicture];
