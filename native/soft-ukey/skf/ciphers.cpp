/** GM/T 0016 §7.6 Encryption, decryption and MAC with a session key. */
#include "state.h"

using namespace bidkey;
using namespace bidkey::skf;

namespace {
constexpr auto blockSize = BlockCipher::blockSize;

const char* cipherName(ULONG algorithm) {
  switch (algorithm) {
    case SGD_SM4_ECB: return "SM4-ECB";
    case SGD_SM4_CBC: return "SM4-CBC";
    case SGD_SM4_CFB: return "SM4-CFB";
    case SGD_SM4_OFB: return "SM4-OFB";
    default: throw Sar{SAR_NOTSUPPORTYETERR};
  }
}

CipherRun startRun(const SessionKey& key, const BLOCKCIPHERPARAM& param, bool encrypts) {
  const bool needsIv = key.algorithm != SGD_SM4_ECB, isStream = key.algorithm == SGD_SM4_CFB || key.algorithm == SGD_SM4_OFB;
  require(param.IVLen == (needsIv ? blockSize : 0) || (!needsIv && param.IVLen <= sizeof param.IV), SAR_INVALIDPARAMERR);
  require(param.PaddingType == SKF_NO_PADDING || (param.PaddingType == SKF_PKCS5_PADDING && !isStream), SAR_INVALIDPARAMERR);
  const bool padded = param.PaddingType == SKF_PKCS5_PADDING;
  const View iv = needsIv ? View(param.IV, blockSize) : View();
  return {BlockCipher(cipherName(key.algorithm), key.key, iv, encrypts ? BlockCipher::Direction::encrypt : BlockCipher::Direction::decrypt, padded), padded, isStream, encrypts, 0};
}

std::size_t updateSize(const CipherRun& run, std::size_t more) {
  return run.isStream ? more : BlockCipher::readyBytes(run.held + more, !run.encrypts && run.isPadded);
}

/** @returns whether there is a buffer of that size; false when only the length was asked for */
bool hasRoom(std::size_t size, const BYTE* out, ULONG* outLen) {
  require(outLen != nullptr, SAR_INVALIDPARAMERR);
  const ULONG room = *outLen;
  *outLen = static_cast<ULONG>(size);
  require(out == nullptr || room >= size, SAR_BUFFER_TOO_SMALL);
  return out != nullptr;
}

void runUpdate(std::optional<CipherRun>& run, View data, BYTE* out, ULONG* outLen) {
  require(run.has_value(), SAR_NOTINITIALIZEERR);
  const std::size_t size = updateSize(*run, data.size());
  if (!hasRoom(size, out, outLen)) return;
  giveResult(run->cipher.update(data), out, outLen);
  if (!run->isStream) run->held += data.size() - size;
}

/** Ends the run with whatever comes: a failed one cannot go on. */
void runFinal(std::optional<CipherRun>& run, BYTE* out, ULONG* outLen) {
  require(run.has_value(), SAR_NOTINITIALIZEERR);
  const std::size_t most = run->isPadded ? blockSize : 0;
  if (out == nullptr && most > 0) {
    hasRoom(most, out, outLen);
    return;
  }
  CipherRun ending = std::move(*run);
  run.reset();
  const SecureBytes last = ending.cipher.final();
  if (last.empty()) *outLen = 0;
  else giveResult(last, out, outLen);
}

void runWhole(std::optional<CipherRun>& run, View data, BYTE* out, ULONG* outLen) {
  require(run.has_value(), SAR_NOTINITIALIZEERR);
  require(outLen != nullptr, SAR_INVALIDPARAMERR);
  const std::size_t most = run->encrypts && run->isPadded ? BlockCipher::paddedBytes(data.size()) : data.size();
  if (out == nullptr) {
    *outLen = static_cast<ULONG>(most);
    return;
  }
  require(*outLen >= (run->encrypts ? most : 0), SAR_BUFFER_TOO_SMALL);
  CipherRun ending = std::move(*run);
  run.reset();
  SecureBytes result = ending.cipher.update(data);
  append(result, ending.cipher.final());
  giveResult(result, out, outLen);
}

void feedMac(MacRun& mac, View data) {
  mac.taken += data.size();
  const SecureBytes blocks = mac.cipher.update(data);
  if (blocks.size() >= blockSize) mac.lastBlock.assign(blocks.end() - blockSize, blocks.end());
}

void giveMac(MacRun& mac, BYTE* out, ULONG* outLen) {
  if (!hasRoom(blockSize, out, outLen)) return;
  require(mac.taken > 0 && (mac.isPadded || mac.taken % blockSize == 0), SAR_INDATALENERR);
  mac.isFinished = true;
  const SecureBytes rest = mac.cipher.final();
  if (rest.size() == blockSize) mac.lastBlock = rest;
  giveResult(mac.lastBlock, out, outLen);
}
}  // namespace

ULONG SKF_EncryptInit(HANDLE hKey, BLOCKCIPHERPARAM EncryptParam) {
  return withSessionKey("SKF_EncryptInit", hKey, [&](SessionKey& key) { key.encrypt.emplace(startRun(key, EncryptParam, true)); });
}

ULONG SKF_Encrypt(HANDLE hKey, BYTE* pbData, ULONG ulDataLen, BYTE* pbOut, ULONG* pulOutLen) {
  return withSessionKey("SKF_Encrypt", hKey, [&](SessionKey& key) { runWhole(key.encrypt, input(pbData, ulDataLen), pbOut, pulOutLen); });
}

ULONG SKF_EncryptUpdate(HANDLE hKey, BYTE* pbData, ULONG ulDataLen, BYTE* pbOut, ULONG* pulOutLen) {
  return withSessionKey("SKF_EncryptUpdate", hKey, [&](SessionKey& key) { runUpdate(key.encrypt, input(pbData, ulDataLen), pbOut, pulOutLen); });
}

ULONG SKF_EncryptFinal(HANDLE hKey, BYTE* pbOut, ULONG* pulOutLen) {
  return withSessionKey("SKF_EncryptFinal", hKey, [&](SessionKey& key) {
    require(pulOutLen != nullptr, SAR_INVALIDPARAMERR);
    runFinal(key.encrypt, pbOut, pulOutLen);
  });
}

ULONG SKF_DecryptInit(HANDLE hKey, BLOCKCIPHERPARAM DecryptParam) {
  return withSessionKey("SKF_DecryptInit", hKey, [&](SessionKey& key) { key.decrypt.emplace(startRun(key, DecryptParam, false)); });
}

ULONG SKF_Decrypt(HANDLE hKey, BYTE* pbData, ULONG ulDataLen, BYTE* pbOut, ULONG* pulOutLen) {
  return withSessionKey("SKF_Decrypt", hKey, [&](SessionKey& key) { runWhole(key.decrypt, input(pbData, ulDataLen), pbOut, pulOutLen); });
}

ULONG SKF_DecryptUpdate(HANDLE hKey, BYTE* pbData, ULONG ulDataLen, BYTE* pbOut, ULONG* pulOutLen) {
  return withSessionKey("SKF_DecryptUpdate", hKey, [&](SessionKey& key) { runUpdate(key.decrypt, input(pbData, ulDataLen), pbOut, pulOutLen); });
}

ULONG SKF_DecryptFinal(HANDLE hKey, BYTE* pbOut, ULONG* pulOutLen) {
  return withSessionKey("SKF_DecryptFinal", hKey, [&](SessionKey& key) {
    require(pulOutLen != nullptr, SAR_INVALIDPARAMERR);
    runFinal(key.decrypt, pbOut, pulOutLen);
  });
}

ULONG SKF_MacInit(HANDLE hKey, BLOCKCIPHERPARAM* pMacParam, HANDLE* phMac) {
  return withSessionKey("SKF_MacInit", hKey, [&](SessionKey& key) {
    require(pMacParam != nullptr && phMac != nullptr, SAR_INVALIDPARAMERR);
    require(pMacParam->IVLen == 0 || pMacParam->IVLen == blockSize, SAR_INVALIDPARAMERR);
    const Bytes zeros(blockSize, 0);
    const bool padded = pMacParam->PaddingType == SKF_PKCS5_PADDING;
    const View iv = pMacParam->IVLen == 0 ? View(zeros) : View(pMacParam->IV, blockSize);
    *phMac = Handles::get().add(std::make_shared<MacRun>(MacRun{key.device, BlockCipher("SM4-CBC", key.key, iv, BlockCipher::Direction::encrypt, padded), padded, {}, 0, false}));
  });
}

ULONG SKF_Mac(HANDLE hMac, BYTE* pbData, ULONG ulDataLen, BYTE* pbMacData, ULONG* pulMacLen) {
  return withMac("SKF_Mac", hMac, [&](MacRun& mac) {
    if (!hasRoom(blockSize, pbMacData, pulMacLen)) return;
    feedMac(mac, input(pbData, ulDataLen));
    giveMac(mac, pbMacData, pulMacLen);
  });
}

ULONG SKF_MacUpdate(HANDLE hMac, BYTE* pbData, ULONG ulDataLen) {
  return withMac("SKF_MacUpdate", hMac, [&](MacRun& mac) { feedMac(mac, input(pbData, ulDataLen)); });
}

ULONG SKF_MacFinal(HANDLE hMac, BYTE* pbMacData, ULONG* pulMacDataLen) {
  return withMac("SKF_MacFinal", hMac, [&](MacRun& mac) { giveMac(mac, pbMacData, pulMacDataLen); });
}
