/** Who may import whom: the table of docs/map.md, held as data. Also refuses cycles, and imports that lead nowhere. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listSourceFiles, readImports, repositoryRoot, type ImportEdge } from './imports.ts';

interface LayerRule {
  readonly id: string;
  readonly from: RegExp;
  /** What files matching `from` must not import. */
  readonly never: (edge: ImportEdge) => boolean;
}

const path = (pattern: RegExp) => (edge: ImportEdge) => edge.own && pattern.test(edge.to);
const pack = (pattern: RegExp) => (edge: ImportEdge) => !edge.own && pattern.test(edge.to);
const any = (...tests: ((edge: ImportEdge) => boolean)[]) => (edge: ImportEdge) => tests.some((test) => test(edge));
const notTest = (source: string) => new RegExp(`^(?!.*\\.test\\.tsx?$)${source}`);

const featureOf = (file: string) => /^src-renderer\/([^/]+\/features\/[^/]+)\//.exec(file)?.[1];
/** The other folders of shells/ (screens, launch, control) are what the three share. */
const shellOf = (file: string) => /^src-main\/shells\/(electron|local|cli)\//.exec(file)?.[1];

export const LAYER_RULES: readonly LayerRule[] = [
  { id: 'src-shared runs anywhere', from: notTest('src-shared/'), never: any(pack(/^node:|^electron$|^react|^fastify|^axios/), path(/^src-(main|ca|renderer)\//)) },
  { id: 'bytes, errors and asn1 stand at the bottom', from: notTest('src-shared/(bytes|errors|asn1)/'), never: path(/^src-shared\/(x509|cms|seal|contract|crypto|sm|pkcs|subject)\//) },
  { id: 'x509, cms and seal know no contract', from: notTest('src-shared/(x509|cms|seal|sm|pkcs)/'), never: path(/^src-shared\/contract\//) },
  { id: 'the contract knows errors and the schema library only', from: notTest('src-shared/contract/'), never: any(path(/^src-shared\/(?!errors\/|contract\/)/), pack(/^(?!@sinclair\/typebox)/)) },
  { id: 'deeds and engine know no shell, no electron, no service, no screen', from: notTest('src-main/(?!shells/)'), never: any(pack(/^electron$/), path(/^(src-main\/shells|src-ca|src-renderer)\//)) },
  { id: 'shells know no service and no screen', from: notTest('src-main/shells/'), never: path(/^(src-ca|src-renderer)\//) },
  { id: 'only the electron shell imports electron', from: notTest('src-main/shells/(?!electron/)'), never: pack(/^electron$/) },
  { id: 'shells do not import each other', from: notTest('src-main/shells/[^/.]+/'), never: (edge) => edge.own && shellOf(edge.to) !== undefined && shellOf(edge.to) !== shellOf(edge.from) },
  { id: 'screens know components, lib and contract only', from: notTest('src-renderer/'), never: any(path(/^src-(main|ca)\//), pack(/^node:|^electron$/)) },
  { id: 'features do not import each other', from: notTest('src-renderer/[^/]+/features/'), never: (edge) => edge.own && featureOf(edge.to) !== undefined && featureOf(edge.to) !== featureOf(edge.from) },
  { id: 'components and lib know no feature', from: notTest('src-renderer/(components|lib)/'), never: path(/\/features\//) },
  { id: 'routes know contract and services', from: notTest('src-ca/routes/'), never: path(/^src-ca\/(store|signers)\//) },
  { id: 'services know neither web framework nor store', from: notTest('src-ca/(?!routes/|store/|main|server|compose|config|demo/|http/|pages/|sandbox/)'), never: any(pack(/^fastify|^@fastify/), path(/^src-ca\/(routes|store)\//)) },
  { id: 'the service knows no desktop', from: notTest('src-ca/'), never: path(/^src-(main|renderer)\//) },
  { id: 'nothing imports tests', from: /^(?!tests\/|.*\.test\.tsx?$)/, never: path(/^tests\//) },
];

export function checkLayers(): string[] {
  const files = listSourceFiles(['src-shared', 'src-main', 'src-renderer', 'src-ca', 'tools']);
  const edges = files.flatMap(readImports);
  return [...brokenRules(edges), ...deadImports(edges), ...cycles(edges)];
}

function brokenRules(edges: readonly ImportEdge[]): string[] {
  return edges.flatMap((edge) => LAYER_RULES.filter((rule) => rule.from.test(edge.from) && rule.never(edge)).map((rule) => `${edge.from} imports ${edge.to}: ${rule.id}`));
}

function deadImports(edges: readonly ImportEdge[]): string[] {
  return edges.filter((edge) => edge.own && !existsSync(join(repositoryRoot, edge.to))).map((edge) => `${edge.from} imports ${edge.to}: no such file`);
}

/** Cycles over imports that exist at run time. */
function cycles(edges: readonly ImportEdge[]): string[] {
  const targets = new Map<string, string[]>();
  for (const edge of edges) if (edge.own && !edge.typeOnly) targets.set(edge.from, [...(targets.get(edge.from) ?? []), edge.to]);
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push(`import cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' → ')}`);
      return;
    }
    state.set(file, 'open');
    for (const next of targets.get(file) ?? []) visit(next, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of targets.keys()) visit(file, []);
  return found;
}
