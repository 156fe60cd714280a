/** Documents that stand in a part which does not take them: it was asked for otherwise when they were added. Pure. */
import type { DocumentRecord, ProjectRecord } from './project-record.ts';

export interface Misfit {
  readonly document: DocumentRecord;
  readonly reason: 'type' | 'size' | 'count';
}

/** Of a part with too many documents the last ones are named. */
export function findMisfits({ parts, documents }: Pick<ProjectRecord, 'parts' | 'documents'>): Misfit[] {
  return parts.flatMap((part) => documents.filter((document) => document.partId === part.id && !document.generated).flatMap((document, index): Misfit[] => {
    if (part.mediaTypes.length > 0 && !part.mediaTypes.includes(document.mediaType)) return [{ document, reason: 'type' }];
    if (part.maxBytes !== null && document.sizeBytes > part.maxBytes) return [{ document, reason: 'size' }];
    return part.maxDocuments !== null && index >= part.maxDocuments ? [{ document, reason: 'count' }] : [];
  }));
}
