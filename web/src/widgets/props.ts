import { type Json } from "../document/model";
import { type SettingSpec } from "../catalog/spec";

/** What every widget is given. It holds no value of its own: a node out of view has no components. */
export interface WidgetProps {
  node: string;
  setting: SettingSpec;
  value: Json | undefined;
  label: string;
  invalid: boolean;
  /** `gesture` ties changes together that are undone as one. Nothing takes the value out of the file. */
  onChange(value: Json | undefined, gesture?: string): void;
  /** Ends a gesture. */
  onSettle(): void;
}
