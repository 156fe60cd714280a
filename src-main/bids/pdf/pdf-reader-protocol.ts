/** What the engine and the PDF reader process say to each other. The reader reads foreign files, so what it answers is input like any other. */
import { Type, strictObject, type Static } from '#shared/contract/schema.ts';

/** `maxMemoryBytes`: by how much the reader may grow over this file. */
export const PdfQuestion = strictObject({ id: Type.Integer({ minimum: 1 }), path: Type.String({ maxLength: 4096 }), maxMemoryBytes: Type.Integer({ minimum: 1 }) });
export type PdfQuestion = Static<typeof PdfQuestion>;

export const CheckedPdf = strictObject({ pages: Type.Integer({ minimum: 1 }) });
export type CheckedPdf = Static<typeof CheckedPdf>;

const ReaderCode = Type.Union([Type.Literal('BID_PDF_UNREADABLE'), Type.Literal('BID_PDF_ENCRYPTED'), Type.Literal('BID_PDF_TOO_COMPLEX'), Type.Literal('SEAL_SOURCE_UNREADABLE'), Type.Literal('INTERNAL')]);

export const PdfAnswer = strictObject({
  id: Type.Integer({ minimum: 1 }),
  result: Type.Union([
    strictObject({ ok: Type.Literal(true), value: CheckedPdf }),
    strictObject({ ok: Type.Literal(false), error: strictObject({ code: ReaderCode, details: Type.Record(Type.String(), Type.String({ maxLength: 200 })), traceId: Type.Optional(Type.String({ maxLength: 64 })) }) }),
  ]),
});
export type PdfAnswer = Static<typeof PdfAnswer>;
