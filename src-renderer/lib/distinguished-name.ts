/** Distinguished names in plain words: splits the RFC 4514 form into attributes. The raw form stays one click away, so nothing is lost here. */

export interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

/** Most significant first, as people read it (RFC 4514 writes the last RDN first and the screens keep that order: CN, OU, O, …). */
export function splitDistinguishedName(name: string): NameAttribute[] {
  return splitUnescaped(name).flatMap((part) => {
    const equals = part.indexOf('=');
    return equals > 0 ? [{ type: part.slice(0, equals).trim().toUpperCase(), value: unescapeValue(part.slice(equals + 1)) }] : [];
  });
}

/** Splits at , and + that are not escaped. */
function splitUnescaped(name: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < name.length; i++) {
    if (name[i] === '\\') i++;
    else if (name[i] === ',' || name[i] === '+') {
      parts.push(name.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(name.slice(start));
  return parts.filter((part) => part.trim() !== '');
}

/** `\,` → `,`; `\E5\85\AC` → the UTF-8 character. */
function unescapeValue(value: string): string {
  const bytesRead = value.trim().replace(/(?:\\[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = Uint8Array.from(run.split('\\').slice(1), (hex) => parseInt(hex, 16));
    return new TextDecoder().decode(bytes);
  });
  return bytesRead.replace(/\\(.)/g, '$1');
}

/** The name that people know a certificate by: its first CN, else the whole. */
export function commonNameOf(name: string): string {
  return splitDistinguishedName(name).find(({ type }) => type === 'CN')?.value ?? name;
}
