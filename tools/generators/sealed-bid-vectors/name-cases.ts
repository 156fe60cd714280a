/** Names of documents, one fault each. */
export interface NameCase {
  readonly name: string;
  readonly names: readonly string[];
  readonly expect: 'OK' | 'SEAL_NAME_REFUSED' | 'SEAL_NAME_DUPLICATE';
}

const one = (label: string, name: string, expect: NameCase['expect'] = 'SEAL_NAME_REFUSED'): NameCase => ({ name: label, names: [name], expect });
const two = (label: string, a: string, b: string, expect: NameCase['expect'] = 'SEAL_NAME_DUPLICATE'): NameCase => ({ name: label, names: [a, b], expect });

export const NAME_CASES: readonly NameCase[] = [
  one('Chinese name', '投标函.pdf', 'OK'), one('folder', '技术部分/施工组织设计.docx', 'OK'), one('name that only begins like a device', 'console.txt', 'OK'), one('dots inside', 'a..b.pdf', 'OK'),
  one('255 octets in a part', `${'a'.repeat(251)}.pdf`, 'OK'),
  one('empty', ''), one('parent folder', '../a.pdf'), one('parent folder inside', 'a/../../b.pdf'), one('this folder', './a.pdf'), one('absolute', '/etc/passwd'), one('drive letter', 'C:/a.pdf'),
  one('drive letter without slash', 'c:a.pdf'), one('backslash', 'a\\..\\b.pdf'), one('network path', '\\\\host\\share'), one('empty part', 'a//b.pdf'), one('folder only', 'a/'), one('NUL octet', 'a\0.pdf'),
  one('line feed', 'a\n.pdf'), one('delete', 'a\x7f.pdf'), one('right-to-left override', 'a\u202efdp.exe'), one('zero width space', 'a\u200b.pdf'), one('byte order mark', '\ufeffa.pdf'), one('line separator', 'a\u2028.pdf'),
  one('private use', 'a\ue000.pdf'), one('not in normal form C', 'e\u0301.pdf'), one('device', 'CON'), one('device in lower case with ending', 'nul.pdf'), one('device in a folder', 'a/com1.txt'), one('device with superscript', 'LPT¹.txt'),
  one('device with space before the dot', 'aux .txt'), one('console device', 'CONOUT$'), one('dot at the end', 'a.'), one('space at the end', 'a.pdf '), one('space at the beginning', ' a.pdf'), one('ideographic space at the end', 'a\u3000'),
  one('stream of a file', 'a.pdf:hidden'), one('wildcard', 'a*.pdf'), one('quotation mark', 'a".pdf'), one('pipe', 'a|b'), one('part too long', `${'a'.repeat(252)}.pdf`), one('part too long in octets only', '标'.repeat(86)),
  one('path too long', Array.from({ length: 9 }, () => 'a'.repeat(120)).join('/')),
  two('the same twice', 'a.pdf', 'a.pdf'), two('case only', 'A.pdf', 'a.PDF'), two('case of Greek final sigma', 'ΟΔΟΣ', 'οδος'), two('sharp s', 'straße', 'STRASSE'), two('file and folder', 'a', 'a/b'), two('folder and file', 'A/b', 'a'),
  two('full width is another name', 'Ａ.pdf', 'A.pdf', 'OK'),
];
