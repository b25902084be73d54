package io.latent4j.core.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles opcode by opcode, sound and hostile ones. */
public final class PickleBytes {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Of protocol 2. */
    public PickleBytes() {
        op(0x80).op(2);
    }

    PickleBytes op(int opcode) {
        out.write(opcode);
        return this;
    }

    PickleBytes ops(String opcodes) {
        opcodes.chars().forEach(out::write);
        return this;
    }

    /** A text, a name for instance. */
    public PickleBytes text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        op('X').int32(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    PickleBytes int32(int value) {
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
        return this;
    }

    PickleBytes number(long value) {
        op(0x8a).op(8);
        out.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
        return this;
    }

    PickleBytes numbers(long... values) {
        op('(');
        for (long value : values) {
            number(value);
        }
        return op('t');
    }

    PickleBytes global(String module, String name) {
        op('c');
        out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** What a function of that name answers to nothing. */
    public PickleBytes call(String module, String name) {
        return global(module, name).ops(")R");
    }

    PickleBytes storage(String type, String key, long elements) {
        return op('(').text("storage")
                .global("torch", type)
                .text(key)
                .text("cpu")
                .number(elements)
                .ops("tQ");
    }

    /** A tensor of float32. */
    public PickleBytes tensor(String key, long elements, long offset, long[] shape, long... strides) {
        return global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("FloatStorage", key, elements)
                .number(offset)
                .numbers(shape)
                .numbers(strides)
                .op(0x89)
                .global("collections", "OrderedDict")
                .ops(")RtR");
    }

    /** A dictionary's start and end; between them are names and values. */
    public PickleBytes dict() {
        return ops("}(");
    }

    /** Ends what {@link #dict} began. */
    public PickleBytes end() {
        return op('u');
    }

    byte[] bytes() {
        return op('.').out.toByteArray();
    }
}
