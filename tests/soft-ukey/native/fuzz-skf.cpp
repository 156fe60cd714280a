/** Fuzz targets of the SKF face: packed structures handed in, and calls whose lengths, numbers and texts are the caller's. */
#include "fuzz-world.h"

using namespace bidkey;

namespace fuzz {

namespace {
/** A structure without a length of its own, in exactly the room that its caller must give it. */
fixture::Exact sized(View input, std::size_t size) {
  Bytes blob(size);
  std::copy_n(input.begin(), std::min(size, input.size()), blob.begin());
  return fixture::Exact(blob);
}

constexpr std::size_t envelopeBytes = sizeof(ENVELOPEDKEYBLOB) + 15, largestCipherBytes = sizeof(ECCCIPHERBLOB) + 1023;
}  // namespace

void fuzzSkfBlobs(View input) {
  const Faces& open = faces();
  const auto call = takeNumber(input, 1);
  const bool asItIs = (call & 0x80) != 0;
  const auto blobFrom = [&](const Bytes& right) { return asItIs ? plainBytes(input) : edited(right, input); };
  HANDLE key = nullptr;
  BYTE out[1024];
  ULONG size = sizeof out;
  switch (call % 8) {
    case 0: {
      const fixture::Exact blob = sized(blobFrom(open.envelopeBlob), envelopeBytes);
      SKF_ImportECCKeyPair(open.container, reinterpret_cast<ENVELOPEDKEYBLOB*>(blob.data()));
      break;
    }
    case 1: {
      const fixture::Exact blob = sized(blobFrom(open.sessionKeyBlob), largestCipherBytes);
      const ULONG sar = SKF_ECCDecrypt(open.container, reinterpret_cast<ECCCIPHERBLOB*>(blob.data()), out, &size);
      must(asItIs || input.size() >= 4 || sar == SAR_OK, "the right ciphertext does not open");
      break;
    }
    case 2: {
      const fixture::Exact blob(blobFrom(open.sessionKeyBlob));
      const ULONG sar = SKF_ImportSessionKey(open.container, SGD_SM4_CBC, blob.data(), static_cast<ULONG>(blob.size()), &key);
      must(asItIs || input.size() >= 4 || sar == SAR_OK, "the right session key is not taken");
      if (sar == SAR_OK) SKF_CloseHandle(key);
      break;
    }
    case 3: {
      const fixture::Exact certificate(input);
      SKF_ImportCertificate(open.container, asItIs ? 1 : 0, certificate.data(), static_cast<ULONG>(certificate.size()));
      break;
    }
    case 4: {
      const View pub = take(input, sizeof(ECCPUBLICKEYBLOB));
      const fixture::Exact blob = sized(pub, sizeof(ECCPUBLICKEYBLOB)), signature = sized(input, sizeof(ECCSIGNATUREBLOB));
      BYTE digest[32] = {1};
      SKF_ECCVerify(open.device, reinterpret_cast<ECCPUBLICKEYBLOB*>(blob.data()), digest, 32, reinterpret_cast<ECCSIGNATUREBLOB*>(signature.data()));
      break;
    }
    case 5: {
      const View pub = take(input, sizeof(RSAPUBLICKEYBLOB));
      const fixture::Exact blob = sized(pub, sizeof(RSAPUBLICKEYBLOB)), data(input);
      SKF_ExtRSAPubKeyOperation(open.device, reinterpret_cast<RSAPUBLICKEYBLOB*>(blob.data()), data.data(), static_cast<ULONG>(data.size()), out, &size);
      break;
    }
    case 6: {
      const View secret = take(input, sizeof(ECCPRIVATEKEYBLOB));
      const fixture::Exact blob = sized(secret, sizeof(ECCPRIVATEKEYBLOB)), cipher = sized(blobFrom(open.sessionKeyBlob), largestCipherBytes);
      SKF_ExtECCDecrypt(open.device, reinterpret_cast<ECCPRIVATEKEYBLOB*>(blob.data()), reinterpret_cast<ECCCIPHERBLOB*>(cipher.data()), out, &size);
      break;
    }
    default: {
      const View pub = take(input, sizeof(ECCPUBLICKEYBLOB));
      const fixture::Exact blob = sized(pub, sizeof(ECCPUBLICKEYBLOB)), plain(input);
      BYTE cipher[largestCipherBytes];
      SKF_ExtECCEncrypt(open.device, reinterpret_cast<ECCPUBLICKEYBLOB*>(blob.data()), plain.data(), static_cast<ULONG>(plain.size()), reinterpret_cast<ECCCIPHERBLOB*>(cipher));
    }
  }
}

namespace {

/** A symmetric key, started with any parameter, fed in pieces into room that may be too small. */
void runCipher(View input) {
  static const ULONG algorithms[] = {SGD_SM4_ECB, SGD_SM4_CBC, SGD_SM4_CFB, SGD_SM4_OFB, SGD_SM4_MAC, 0x999};
  const auto call = takeNumber(input, 1);
  BYTE value[16] = {1};
  HANDLE key = nullptr, mac = nullptr;
  if (SKF_SetSymmKey(faces().device, value, algorithms[call % std::size(algorithms)], &key) != SAR_OK) return;
  BLOCKCIPHERPARAM param{};
  param.IVLen = static_cast<ULONG>((call & 0x40) != 0 ? takeNumber(input, 4) : 16);
  param.PaddingType = static_cast<ULONG>(takeNumber(input, 1) % 3);
  param.FeedBitLen = static_cast<ULONG>(takeNumber(input, 1));
  const bool decrypts = (call & 0x80) != 0;
  const fixture::Exact room(Bytes(takeNumber(input, 1)));
  if ((decrypts ? SKF_DecryptInit(key, param) : SKF_EncryptInit(key, param)) == SAR_OK) {
    while (!input.empty()) {
      const fixture::Exact piece(take(input, 1 + takeNumber(input, 1) % 40));
      ULONG size = static_cast<ULONG>(room.size());
      const ULONG sar = decrypts ? SKF_DecryptUpdate(key, piece.data(), static_cast<ULONG>(piece.size()), room.data(), &size) : SKF_EncryptUpdate(key, piece.data(), static_cast<ULONG>(piece.size()), room.data(), &size);
      must(sar != SAR_OK || size <= room.size(), "more written than there is room");
    }
    ULONG size = static_cast<ULONG>(room.size());
    decrypts ? SKF_DecryptFinal(key, room.data(), &size) : SKF_EncryptFinal(key, room.data(), &size);
  }
  if (SKF_MacInit(key, &param, &mac) == SAR_OK) {
    ULONG size = static_cast<ULONG>(room.size());
    SKF_Mac(mac, value, sizeof value, room.data(), &size);
    SKF_CloseHandle(mac);
  }
  SKF_CloseHandle(key);
}

/** A file with any name, read and written at any place. */
void runFile(View input) {
  const HAPPLICATION app = faces().application;
  std::string name = textOf(take(input, takeNumber(input, 1) % 40));
  const auto declared = static_cast<ULONG>(takeNumber(input, 2) % 2048);
  if (SKF_CreateFile(app, name.data(), declared, SECURE_ANYONE_ACCOUNT, SECURE_USER_ACCOUNT) != SAR_OK) return;
  while (input.size() > 9) {
    const auto call = takeNumber(input, 1);
    const auto offset = static_cast<ULONG>(takeNumber(input, 4) >> (call & 0x10 ? 0 : 21)), size = static_cast<ULONG>(takeNumber(input, 4) >> (call & 0x20 ? 0 : 21));
    const fixture::Exact data(take(input, call % 16));
    if ((call & 1) != 0) {
      SKF_WriteFile(app, name.data(), offset, data.data(), static_cast<ULONG>(data.size()));
      continue;
    }
    const fixture::Exact room(Bytes(call & 0x0e));
    ULONG got = static_cast<ULONG>(room.size());
    must(SKF_ReadFile(app, name.data(), offset, size, room.data(), &got) != SAR_OK || got <= room.size(), "more read than there is room");
  }
  SKF_DeleteFile(app, name.data());
}

/** Texts as they come over from C: ended, otherwise anything. */
void runNames(View input) {
  const Faces& open = faces();
  const auto call = takeNumber(input, 1);
  std::string name = textOf(input);
  name = name.c_str();
  HCONTAINER container = nullptr;
  HAPPLICATION application = nullptr;
  ULONG size = static_cast<ULONG>(call >> 3);
  const fixture::Exact room((Bytes(size)));
  switch (call % 5) {
    case 0:
      if (SKF_CreateContainer(open.application, name.data(), &container) == SAR_OK) {
        SKF_EnumContainer(open.application, reinterpret_cast<LPSTR>(room.data()), &size);
        must(SKF_DeleteContainer(open.application, name.data()) == SAR_OK, "a container that stays");
      }
      break;
    case 1: SKF_OpenContainer(open.application, name.data(), &container); break;
    case 2: SKF_OpenApplication(open.device, name.data(), &application); break;
    case 3: SKF_EnumDev(1, reinterpret_cast<LPSTR>(room.data()), &size); break;
    default: {
      HANDLE hash = nullptr;
      const fixture::Exact id(input);
      ECCPUBLICKEYBLOB pub{};
      pub.BitLen = 256;
      if (SKF_DigestInit(open.device, SGD_SM3, (call & 0x80) != 0 ? &pub : nullptr, id.data(), static_cast<ULONG>(id.size()), &hash) == SAR_OK) {
        SKF_Digest(hash, id.data(), static_cast<ULONG>(id.size()), room.data(), &size);
        SKF_CloseHandle(hash);
      }
    }
  }
}

}  // namespace

void fuzzSkfCalls(View input) {
  switch (takeNumber(input, 1) % 3) {
    case 0: runCipher(input); break;
    case 1: runFile(input); break;
    default: runNames(input); break;
  }
}

}  // namespace fuzz
