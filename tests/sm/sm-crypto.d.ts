/** What the tests use of the package sm-crypto, which has no types of its own. */
declare module 'sm-crypto' {
  interface SignatureOptions { hash?: boolean; der?: boolean; userId?: string; publicKey?: string }
  export const sm2: {
    doSignature(message: number[] | string, privateKeyHex: string, options: SignatureOptions): string;
    doVerifySignature(message: number[] | string, signatureHex: string, publicKeyHex: string, options: SignatureOptions): boolean;
    /** Hex of C1 ‖ C3 ‖ C2 without the 04 in front. */
    doEncrypt(message: number[], publicKeyHex: string, cipherMode: 1): string;
    doDecrypt(ciphertextHex: string, privateKeyHex: string, cipherMode: 1, options: { output: 'array' }): number[];
    getPublicKeyFromPrivateKey(privateKeyHex: string): string;
  };
  export function sm3(input: number[], options?: { mode: 'hmac'; key: number[] }): string;
  export const sm4: {
    encrypt(input: number[], key: number[], options: { mode?: 'cbc'; iv?: number[]; padding: 'pkcs#7' | 'none'; output: 'array' }): number[];
    decrypt(input: number[], key: number[], options: { mode?: 'cbc'; iv?: number[]; padding: 'pkcs#7' | 'none'; output: 'array' }): number[];
  };
}
