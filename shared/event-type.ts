/** What an event type looks like. Apart from the envelope, for whoever has no use for its schema. */

/** `domain.NounVerb`: a lower-case domain, one dot, an upper-case name of letters and digits. */
export const EVENT_TYPE = /^([a-z][a-z0-9-]*)\.([A-Z][A-Za-z0-9]*)$/;
