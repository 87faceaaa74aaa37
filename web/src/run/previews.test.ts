import { expect, it } from "vitest";
import { type Preview } from "../api/events";
import { PreviewUrls } from "./previews";

function preview(step: string): Preview {
  return { run: "1", step, epoch: "e", seq: 1, mime: "image/png", picture: new Blob([step]) };
}

it("makes an address only for the newest picture, and revokes the one before and what nobody shows", () => {
  const draws: (() => void)[] = [];
  const alive = new Set<string>();
  let count = 0;
  const urls = new PreviewUrls((draw) => draws.push(draw), {
    createObjectURL: () => {
      const url = `blob:${(count += 1)}`;
      alive.add(url);
      return url;
    },
    revokeObjectURL: (url) => void alive.delete(url),
  });
  const shown: string[] = [];
  const draw = (): void => draws.splice(0).forEach((each) => each());
  for (let at = 0; at < 5; at += 1) urls.show(preview("a"), (url) => shown.push(url));
  draw();
  expect(shown).toEqual(["blob:1"]);
  urls.show(preview("a"), (url) => shown.push(url));
  draw();
  expect([...alive]).toEqual(["blob:2"]);
  urls.keepOnly({ "1": { a: { status: "running", previewUrl: "blob:2" } } });
  expect(alive.size).toBe(1);
  urls.keepOnly({});
  expect(alive.size).toBe(0);
});
