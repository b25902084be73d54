package io.latent4j.core.weights;

import io.latent4j.core.config.Shown;
import io.latent4j.core.weights.Pickled.Dict;
import io.latent4j.core.weights.Pickled.Instance;
import io.latent4j.core.weights.Pickled.Items;
import io.latent4j.core.weights.Pickled.Name;
import io.latent4j.core.weights.Pickled.Other;
import io.latent4j.core.weights.Pickled.Storage;
import io.latent4j.core.weights.Pickled.Tuple;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Python pickles as data: runs the pickle machine (protocols 2 to 5) on values of {@link Pickled}, and calls nothing.
 *
 * <p>Every opcode makes at most one value and takes at least one byte, so what a pickle becomes is bounded by its length;
 * their number, with the items of lists that they copy, is bounded as well.
 * The opcodes are those that {@code pickletools} describes.
 */
final class Unpickler {

    private static final int HIGHEST_PROTOCOL = 5;

    /** A model of 2,500 tensors takes some 60,000. */
    private static final int MAX_OPCODES = 1_000_000;

    private final Path path;
    private final ByteBuffer in;
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private Map<String, Storage> storages = Map.of();
    private int count; // of opcodes, and of what they copy

    /** Reads from the buffer's position. */
    Unpickler(Path path, ByteBuffer in) {
        this.path = path;
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads one pickle; the buffer's position is then behind it.
     *
     * @throws IOException if it names what weights have no need of, or is damaged
     */
    Object read() throws IOException {
        stack.clear();
        marks.clear();
        memo.clear();
        storages = new HashMap<>();
        int at = in.position();
        try {
            count = 0;
            for (int opcode = next(); opcode != '.'; opcode = next()) {
                count(1, at);
                run(opcode, at);
                at = in.position();
            }
            return pop();
        } catch (BufferUnderflowException e) {
            throw damaged(at, "ends in the middle", "a whole pickle", e);
        } catch (ClassCastException | IndexOutOfBoundsException e) {
            throw damaged(at, "has a value of the wrong kind", "what PyTorch writes", e);
        }
    }

    /** The storages that the pickle read last names, by key. */
    Map<String, Storage> storages() {
        return Map.copyOf(storages);
    }

    private int next() {
        return in.get() & 0xff;
    }

    private void run(int opcode, int at) throws IOException {
        switch (opcode) {
            case 0x80 -> checkProtocol(next(), at);
            case 0x95 -> in.getLong(); // FRAME: a hint for readers that buffer
            case '(' -> marks.add(stack.size());
            case '0' -> discard();
            case '1' -> popToMark();
            case '2' -> stack.add(top());
            case 'N' -> stack.add(Other.NONE);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> stack.add((long) in.getInt());
            case 'K' -> stack.add((long) next());
            case 'M' -> stack.add((long) (in.getShort() & 0xffff));
            case 0x8a -> stack.add(whole(bytes(next())));
            case 0x8b -> stack.add(whole(bytes(in.getInt())));
            case 'G' -> stack.add(in.slice(skip(8), 8).getDouble(0)); // big-endian, as a slice is
            case 'T', 'X' -> stack.add(text(in.getInt()));
            case 'U', 0x8c -> stack.add(text(next()));
            case 0x8d -> stack.add(text(in.getLong()));
            case 'C' -> pass(next());
            case 'B' -> pass(in.getInt());
            case 0x8e, 0x96 -> pass(in.getLong());
            case ']', 0x8f -> stack.add(new Items());
            case 'a' -> append(List.of(pop()));
            case 'e', 0x90 -> append(popToMark());
            case 'l', 0x91 -> {
                List<Object> items = popToMark();
                stack.add(new Items());
                append(items);
            }
            case ')' -> stack.add(new Tuple(List.of()));
            case 't' -> stack.add(new Tuple(popToMark()));
            case 0x85 -> stack.add(new Tuple(pop(1)));
            case 0x86 -> stack.add(new Tuple(pop(2)));
            case 0x87 -> stack.add(new Tuple(pop(3)));
            case '}' -> stack.add(new Dict());
            case 'd' -> {
                List<Object> items = popToMark();
                stack.add(new Dict());
                put(items);
            }
            case 's' -> put(pop(2));
            case 'u' -> put(popToMark());
            case 'c' -> stack.add(named(line(), line(), at));
            case 0x93 -> {
                List<Object> names = pop(2);
                stack.add(named((String) names.get(0), (String) names.get(1), at));
            }
            case 'R', 0x81 -> {
                List<Object> call = pop(2);
                stack.add(called(call, at));
            }
            case 0x92 -> {
                List<Object> call = pop(3);
                stack.add(called(call, at));
            }
            case 'b' -> build(pop());
            case 'q' -> memo.put(next(), top());
            case 'r' -> memo.put(in.getInt(), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 'h' -> stack.add(remembered(next()));
            case 'j' -> stack.add(remembered(in.getInt()));
            case 'Q' -> {
                Storage storage = PickledNames.storage((Tuple) pop());
                storages.put(storage.key(), storage);
                stack.add(storage);
            }
            default ->
                throw damaged(
                        at,
                        "has the opcode 0x%02x".formatted(opcode),
                        "those of a pickle of tensors in protocol 2 to " + HIGHEST_PROTOCOL,
                        null);
        }
    }

    private void checkProtocol(int protocol, int at) throws IOException {
        if (protocol < 2 || protocol > HIGHEST_PROTOCOL) {
            throw damaged(at, "is in protocol " + protocol, "2 to " + HIGHEST_PROTOCOL, null);
        }
    }

    /** The position from which {@code count} bytes were passed. */
    private int skip(long count) {
        if (count < 0 || count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        int from = in.position();
        in.position(from + (int) count);
        return from;
    }

    private byte[] bytes(long count) {
        int from = skip(count);
        byte[] bytes = new byte[(int) count];
        in.get(from, bytes);
        return bytes;
    }

    private String text(long count) {
        return new String(bytes(count), StandardCharsets.UTF_8);
    }

    private void pass(long count) {
        skip(count);
        stack.add(Other.BYTES);
    }

    private String line() {
        int from = in.position();
        while (next() != '\n') {
            // until the end of the line
        }
        byte[] bytes = new byte[in.position() - 1 - from];
        in.get(from, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A whole number in two's complement, its low byte first; one that no size or index can be stands for any. */
    private static Object whole(byte[] bytes) {
        if (bytes.length == 0) {
            return 0L;
        }
        if (bytes.length > Long.BYTES) {
            return Other.NUMBER;
        }
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return new BigInteger(reversed).longValueExact();
    }

    /** The stack may be popped down to the last mark and no further. */
    private int floor() {
        return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    }

    private Object top() {
        if (stack.size() <= floor()) {
            throw new IndexOutOfBoundsException("the stack is empty");
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() {
        Object top = top();
        stack.remove(stack.size() - 1);
        return top;
    }

    /** The last {@code count} values, the lowest first. */
    private List<Object> pop(int count) {
        if (stack.size() - count < floor()) {
            throw new IndexOutOfBoundsException("the stack is empty");
        }
        return cut(stack.size() - count);
    }

    private List<Object> popToMark() {
        if (marks.isEmpty()) {
            throw new IndexOutOfBoundsException("no mark");
        }
        return cut(marks.remove(marks.size() - 1));
    }

    private List<Object> cut(int from) {
        List<Object> tail = stack.subList(from, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private void discard() {
        if (!marks.isEmpty() && stack.size() == floor()) {
            marks.remove(marks.size() - 1);
        } else {
            pop();
        }
    }

    private void append(List<Object> values) {
        Object target = top();
        if (target instanceof Items items) {
            items.items().addAll(values);
        } else if (!(target instanceof Instance)) {
            throw new ClassCastException("no list");
        }
    }

    private void put(List<Object> keysAndValues) {
        Object target = top();
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            if (target instanceof Dict dict) {
                dict.put(keysAndValues.get(i), keysAndValues.get(i + 1));
            } else if (!(target instanceof Instance)) {
                throw new ClassCastException("no dictionary");
            }
        }
    }

    /** Where Python would set attributes or call {@code __setstate__}, an instance remembers a dictionary. */
    private void build(Object state) {
        Object target = top();
        if (target instanceof Instance instance && state instanceof Dict dict) {
            instance.setState(dict);
        } else if (!(target instanceof Pickled)) {
            throw new ClassCastException("no object");
        }
    }

    /** What the first of {@code call} makes of the second. A list may be copied again and again, so its items count. */
    private Object called(List<Object> call, int at) throws IOException {
        PickledNames.Arguments arguments = new PickledNames.Arguments((Tuple) call.get(1));
        for (Object argument : arguments.tuple().items()) {
            count(argument instanceof Items items ? items.items().size() : 1, at);
        }
        return PickledNames.call((Name) call.get(0), arguments);
    }

    private void count(int more, int at) throws IOException {
        count += more;
        if (count > MAX_OPCODES) {
            throw damaged(at, "has more than " + MAX_OPCODES + " opcodes", "fewer", null);
        }
    }

    private Object remembered(int index) {
        Object value = memo.get(index);
        if (value == null) {
            throw new IndexOutOfBoundsException("nothing remembered as " + index);
        }
        return value;
    }

    private Name named(String module, String name, int at) throws IOException {
        if (PickledNames.isOtherType(module, name)) {
            throw new IOException(path + ": has a tensor of type " + quote(module + "." + name)
                    + ", which is not supported; expected one of " + List.of(StoredType.values())
                    + "; convert the file to one of these");
        }
        return PickledNames.named(module, name)
                .orElseThrow(() -> new IOException(path + ": refuses " + quote(module + "." + name) + " at byte " + at
                        + " of its pickle; expected tensors and plain values; a file of weights has no business to"
                        + " name it, and nothing was called: take the weights from a source you trust, as safetensors"
                        + " if there are any"));
    }

    private static String quote(String text) {
        return Shown.text(text);
    }

    private IOException damaged(int at, String what, String expected, Exception cause) {
        return new IOException(
                path + ": its pickle " + what + " at byte " + at + "; expected " + expected
                        + "; the file is damaged or holds more than weights: fetch it again, or as safetensors",
                cause);
    }
}
