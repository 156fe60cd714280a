/** The format's times are whole seconds (GeneralizedTime, docs/spec/sealed-bid.md); what is below is cut off. */
export const wholeSeconds = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);
