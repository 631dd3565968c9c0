package blob

import (
	"encoding/binary"
	"net/http"
	"strconv"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// structuredType is the one form of structured body there is: content in segments, each
// with its CRC64. Its layout is in azblob's internal/shared/structured_message.go.
const structuredType = "XSM/1.0; properties=crc64"

// decodeStructured is the content in a structured body, verified.
func decodeStructured(body []byte, form, length string) ([]byte, *wire.Error) {
	if form != structuredType {
		return nil, invalidHeader(structuredBody, "is not "+structuredType)
	}
	broken := wire.Refuse(http.StatusBadRequest, "InvalidInput", "The structured body is not well formed.")
	const head, segmentHead, sum = 13, 10, 8
	if len(body) < head+sum || body[0] != 1 || binary.LittleEndian.Uint64(body[1:]) != uint64(len(body)) ||
		binary.LittleEndian.Uint16(body[9:]) != 1 {
		return nil, broken
	}
	segments := int(binary.LittleEndian.Uint16(body[11:]))
	rest, content := body[head:], make([]byte, 0, len(body))
	for i := range segments {
		if len(rest) < segmentHead+sum || int(binary.LittleEndian.Uint16(rest)) != i+1 {
			return nil, broken
		}
		size := binary.LittleEndian.Uint64(rest[2:])
		rest = rest[segmentHead:]
		if size > uint64(len(rest)-sum) {
			return nil, broken
		}
		segment := rest[:size]
		if sumCRC(segment) != string(rest[size:size+sum]) {
			return nil, crcMismatch()
		}
		content = append(content, segment...)
		rest = rest[size+sum:]
	}
	if len(rest) != sum {
		return nil, broken
	}
	if sumCRC(content) != string(rest) {
		return nil, crcMismatch()
	}
	if length != strconv.Itoa(len(content)) {
		return nil, invalidHeader(structuredLength, "is not the length of the content")
	}
	return content, nil
}

func crcMismatch() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "Crc64Mismatch", "A CRC64 in the structured body did not match the one calculated by the server.")
}

// encodeStructured is content as a structured body in segments of 4 MiB, the size that
// the client takes by default.
func encodeStructured(content []byte) []byte {
	const segmentSize = 4 << 20
	count := max(1, (len(content)+segmentSize-1)/segmentSize)
	body := make([]byte, 0, 13+18*count+len(content)+8)
	body = append(body, 1)
	body = binary.LittleEndian.AppendUint64(body, uint64(cap(body)))
	body = binary.LittleEndian.AppendUint16(body, 1)
	body = binary.LittleEndian.AppendUint16(body, uint16(count))
	for i := range count {
		segment := content[i*segmentSize : min((i+1)*segmentSize, len(content))]
		body = binary.LittleEndian.AppendUint16(body, uint16(i+1))
		body = binary.LittleEndian.AppendUint64(body, uint64(len(segment)))
		body = append(body, segment...)
		body = append(body, sumCRC(segment)...)
	}
	return append(body, sumCRC(content)...)
}
