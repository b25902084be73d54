package io.latent4j.textencoder.t5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads the fields of one message in protocol buffers' wire format, one after the other. Nothing is read beyond the message,
 * and messages within it are readers of their own.
 */
final class ProtoReader {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final Path file;
    private final ByteBuffer bytes;
    private int wire;

    ProtoReader(Path file, byte[] bytes) {
        this(file, ByteBuffer.wrap(bytes));
    }

    private ProtoReader(Path file, ByteBuffer bytes) {
        this.file = file;
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Goes to the next field, whose value is to be read or skipped then; answers its number, or 0 at the end. */
    int next() throws IOException {
        if (!bytes.hasRemaining()) {
            return 0;
        }
        long tag = varint();
        wire = (int) (tag & 7);
        long field = tag >>> 3;
        if (field < 1 || field > (1 << 29) - 1) {
            throw damaged("a field has the number " + field);
        }
        return (int) field;
    }

    long number() throws IOException {
        expect(VARINT, "a whole number");
        return varint();
    }

    float real() throws IOException {
        expect(FIXED32, "a number of 32 bits");
        require(Float.BYTES);
        return bytes.getFloat();
    }

    String text() throws IOException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(block()).toString();
        } catch (CharacterCodingException e) {
            throw damaged("a text is not UTF-8");
        }
    }

    byte[] bytes() throws IOException {
        ByteBuffer block = block();
        byte[] copy = new byte[block.remaining()];
        block.get(copy);
        return copy;
    }

    ProtoReader message() throws IOException {
        return new ProtoReader(file, block());
    }

    void skip() throws IOException {
        switch (wire) {
            case VARINT -> varint();
            case FIXED64 -> bytes.position(bytes.position() + require(Long.BYTES));
            case BYTES -> block();
            case FIXED32 -> bytes.position(bytes.position() + require(Integer.BYTES));
            default -> throw damaged("a field has the wire type " + wire);
        }
    }

    private ByteBuffer block() throws IOException {
        expect(BYTES, "bytes");
        int length = require(varint());
        ByteBuffer block = bytes.slice(bytes.position(), length);
        bytes.position(bytes.position() + length);
        return block;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            require(1);
            byte part = bytes.get();
            value |= (long) (part & 0x7F) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw damaged("a whole number has more than 64 bits");
    }

    private int require(long length) throws IOException {
        if (length < 0 || length > bytes.remaining()) {
            throw damaged("a field ends after its message");
        }
        return (int) length;
    }

    private void expect(int type, String what) throws IOException {
        if (wire != type) {
            throw damaged("a field has the wire type " + wire + "; expected " + what);
        }
    }

    private IOException damaged(String problem) {
        return new IOException(file + ": is not a SentencePiece model: " + problem + "; fetch the file again");
    }
}
