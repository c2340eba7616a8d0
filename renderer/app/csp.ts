/** The nonce that the host put into the page, without which the content security policy refuses style elements. */
export function cspNonce(): string {
  return document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';
}
