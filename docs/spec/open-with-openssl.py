#!/usr/bin/env python3
"""Opens a sealed bid of RSA keys with nothing but Python and openssl, as docs/spec/sealed-bid.md says: open-with-openssl.py BID NEW-FOLDER KEY.pem [KEY2.pem ...]
Checks commitments, header tag, outer signature, chunk tree, manifest and digests. GCM tags are left out: the signed tree stands for them. Shows the payload key to `ps`."""
import hashlib, hmac, os, subprocess, sys, tempfile
def openssl(data, *words):
    done = subprocess.run(['openssl', *words], input=data, capture_output=True)
    return done.stdout if done.returncode == 0 else None
def der(data):  # elements one after the other: (content, whole element)
    found = []
    while data:
        long = max(0, data[1] - 128)
        head, n = 2 + long, int.from_bytes(data[2:2 + long], 'big') if long else data[1]
        found.append((data[head:head + n], data[:head + n]))
        data = data[head + n:]
    return found
inside, number = (lambda element: der(element[0])), (lambda element: int.from_bytes(element[0], 'big'))
element = lambda tag, body: bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])) + body
path, folder, *keys = sys.argv[1:]
data = open(path, 'rb').read()
assert data[:12] == b'BIDKEY\r\n\0\1\0\0' and data[-8:] == b'\r\nBKEND\x1a', 'not a sealed bid'                                    # 1
n, t = int.from_bytes(data[12:16], 'big'), int.from_bytes(data[-12:-8], 'big')
head, tag, payload, trailer = data[:16 + n], data[16 + n:48 + n], data[48 + n:-12 - t], inside(der(data[-12 - t:-12])[0])
core, commitment, share_commitments, groups, history = inside(der(head[16:])[0])                                                # 3
kind, suite_number, chunk_bits, salt, bidder, identity, names = inside(core)[:7]
suite, H, cipher, key_length = {1: (b'sm', 'sm3', 'sm4', 16), 2: (b'aes', 'sha256', 'aes-256', 32)}[number(suite_number)]          # 2
assert number(kind) == 1 and not inside(history), 'a backup, or re-wrapped: the signer is another one then'
digest = lambda *parts: hashlib.new(H, b''.join(parts)).digest()
mac, expand = (lambda key, text: hmac.new(key, text, H).digest()), (lambda key, what, length=32: hmac.new(key, b'BidKey sealed bid 1 ' + suite + b' ' + what + b'\1', H).digest()[:length])
def tree(leaves, octets):                                                                                                       # 6
    for height in range(1, 5):
        leaves = [digest(bytes([height]), *leaves[i:i + 256]) for i in range(0, len(leaves), 256)] if len(leaves) > 1 else leaves
    return digest(b'BidKey tree 1\0', octets.to_bytes(8, 'big'), leaves[0])
pieces = lambda text, size: [text[i:i + size] for i in range(0, max(1, len(text)), size)]
def share_of(i, group):                                                                                                         # 4, 5
    for opener in inside(group):
        for key in keys:
            share = openssl(inside(opener)[-1][0], 'cms', '-decrypt', '-inform', 'DER', '-inkey', key, '-binary')
            if share and expand(mac(digest(b'BidKey sealed bid 1 group ' + suite + b'\0', core[1]), share), b'share commitment\0' + bytes([i])) == inside(share_commitments)[i][0]:
                return share
    sys.exit(f'no key here opens for group {inside(names)[i][0].decode()}')
file_key = mac(digest(b'BidKey sealed bid 1 core ' + suite + b'\0', core[1]), b''.join(share_of(i, group) for i, group in enumerate(inside(groups))))
assert expand(file_key, b'commitment') == commitment[0] and mac(expand(file_key, b'header'), head) == tag, 'commitment or header tag'
stored = pieces(payload, (1 << number(chunk_bits)) + 16)
assert tree([digest(one) for one in stored], len(payload)) == trailer[1][0], 'chunk tree'
with tempfile.TemporaryDirectory() as scratch:                                                                                  # 8
    at = lambda name: os.path.join(scratch, name)
    open(at('statement'), 'wb').write(element(0x30, element(0x0c, b'BidKey sealed bid 1') + suite_number[1] + element(4, digest(core[1])) + element(4, digest(head, tag)) + trailer[0][1] + trailer[1][1]))
    assert openssl(trailer[2][0], 'cms', '-verify', '-inform', 'DER', '-content', at('statement'), '-binary', '-noverify', '-signer', at('signer')) is not None, 'signature'
    assert digest(openssl(b'', 'x509', '-in', at('signer'), '-outform', 'DER')) == bidder[0], 'another signer'
key = expand(file_key, b'payload', key_length).hex()  # GCM counts from 2 behind its nonce of 12 octets
ivs = ((bytes(3) + i.to_bytes(8, 'big') + bytes([i == len(stored) - 1]) + bytes([0, 0, 0, 2])).hex() for i in range(len(stored)))
plain = b''.join(openssl(one[:-16], 'enc', '-d', f'-{cipher}-ctr', '-K', key, '-iv', iv) for one, iv in zip(stored, ivs))
end = len(plain) - 4 - int.from_bytes(plain[-4:], 'big')
os.mkdir(folder)
for name, media_type, size, root in map(inside, inside(inside(der(openssl(plain[end:-4], 'cms', '-verify', '-inform', 'DER', '-binary', '-noverify'))[0])[3])):  # 7
    parts, text, plain = name[0].decode().split('/'), plain[:number(size)], plain[number(size):]
    assert not {'', '.', '..'} & set(parts) and '\\' not in name[0].decode() and tree([digest(one) for one in pieces(text, 1 << 20)], len(text)) == root[0], name[0]
    os.makedirs(os.path.join(folder, *parts[:-1]), exist_ok=True)
    open(os.path.join(folder, *parts), 'xb').write(text)
