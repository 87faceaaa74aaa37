import { type Api } from "../api/client";
import { type Json } from "../document/model";
import { type NodeSpec, readSpec } from "./spec";
import { type CatalogStore } from "./store";

/** Asks for the node types and the model files; the page works on with what it had when nobody answers. */
export async function loadCatalog(api: Api, catalog: CatalogStore): Promise<void> {
  try {
    const { data } = await api.GET("/api/v1/nodes");
    const specs = ((data?.nodes ?? []) as Json[]).map(readSpec).filter((spec): spec is NodeSpec => spec !== undefined);
    catalog.setState({ status: "ready", specs: Object.fromEntries(specs.map((spec) => [spec.type, spec])) });
    await loadModels(api, catalog);
  } catch {
    catalog.setState({ status: "failed" });
  }
}

export async function loadModels(api: Api, catalog: CatalogStore): Promise<void> {
  const { data } = await api.GET("/api/v1/models");
  catalog.setState({ models: data?.models ?? [] });
}
