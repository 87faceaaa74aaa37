/** A feature's texts: English lists the keys, the other languages must have each of them. */

export type Language = "en" | "ko" | "zh";

export type Words<Key extends string> = Record<Language, Record<Key, string>>;

export function defineWords<Key extends string>(
  en: Record<Key, string>,
  others: Record<Exclude<Language, "en">, Record<NoInfer<Key>, string>>,
): Words<Key> {
  return { en, ...others };
}
