/**
 * Decides whether an SVG picture may be shown: it is put into the page as it stands, so it may hold shapes and nothing that runs or loads.
 * Rule: only listed elements and attributes; whatever is not listed is refused.
 */

const ELEMENTS = new Set(['svg', 'g', 'defs', 'title', 'desc', 'path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon', 'text', 'tspan', 'linearGradient', 'radialGradient', 'stop', 'clipPath']);
const ATTRIBUTES = new Set([
  'xmlns', 'viewBox', 'width', 'height', 'role', 'aria-label', 'id', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'cx', 'cy', 'r', 'rx', 'ry', 'fx', 'fy', 'd', 'points', 'transform', 'fill', 'fill-opacity', 'fill-rule',
  'stroke', 'stroke-width', 'stroke-opacity', 'stroke-linecap', 'stroke-linejoin', 'stroke-dasharray', 'opacity', 'offset', 'stop-color', 'stop-opacity', 'gradientUnits', 'gradientTransform', 'clip-path',
  'font-family', 'font-size', 'font-weight', 'text-anchor', 'letter-spacing',
]);
const MAX_PICTURE_BYTES = 32 * 1024;
const TAG = /<(\/?)([A-Za-z][A-Za-z0-9:.-]*)((?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** @returns what is wrong, one line each; empty when the picture is safe */
export function picturePoints(svg: string): string[] {
  if (new TextEncoder().encode(svg).length > MAX_PICTURE_BYTES) return [`larger than ${MAX_PICTURE_BYTES} bytes`];
  if (!/^\s*<svg[\s>]/.test(svg)) return ['does not begin with <svg>'];
  const points: string[] = [];
  const open: string[] = [];
  let at = 0;
  while (at < svg.length) {
    const next = svg.indexOf('<', at);
    // Text between tags cannot run, but an entity could stand for a tag or load a file.
    const text = svg.slice(at, next < 0 ? svg.length : next);
    if (text.includes('&')) points.push('entities are not allowed');
    if (next < 0) break;
    TAG.lastIndex = next;
    const tag = TAG.exec(svg);
    if (tag === null) return [...points, `not a plain element at character ${next}`];
    const [whole, closing, name = '', attributes = '', selfClosing] = tag;
    if (!ELEMENTS.has(name)) points.push(`element <${name}> is not allowed`);
    points.push(...attributePoints(name, attributes));
    if (closing === '/') {
      if (open.pop() !== name) return [...points, `</${name}> closes nothing`];
    } else if (selfClosing !== '/') open.push(name);
    at = next + whole.length;
  }
  if (open.length > 0) points.push(`<${open.at(-1)}> is not closed`);
  return points;
}

function attributePoints(element: string, attributes: string): string[] {
  const points: string[] = [];
  for (const [, name = '', double, single] of attributes.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? '';
    if (!ATTRIBUTES.has(name)) points.push(`attribute ${name} of <${element}> is not allowed`);
    if (value.includes('&')) points.push(`entity in ${name} of <${element}>`);
    if (/url\(/i.test(value) && !/^url\(#[\w-]+\)$/.test(value)) points.push(`${name} of <${element}> refers to something outside`);
    if (name !== 'xmlns' && /(?:javascript|data|https?|file):/i.test(value)) points.push(`${name} of <${element}> holds an address`);
  }
  return points;
}
