package io.latent4j.core.weights;

import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the entries of a zip file lie in it. Java's own reader gives streams and no positions.
 *
 * <p>Nothing is unpacked: entries must be stored as they are, so a small file cannot grow, and names are looked up and
 * never become paths. Ranges inside the file, no two of which overlap, are all that comes out of here. See PKWARE's
 * APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (its end, also of zip64).
 */
final class ZipDirectory {

    private static final int END_BYTES = 22;
    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END64_LOCATOR_BYTES = 20;
    private static final int END64_LOCATOR_SIGNATURE = 0x07064b50;
    private static final int END64_BYTES = 56;
    private static final int END64_SIGNATURE = 0x06064b50;
    private static final int ENTRY_BYTES = 46;
    private static final int ENTRY_SIGNATURE = 0x02014b50;
    private static final int LOCAL_BYTES = 30;
    private static final int LOCAL_SIGNATURE = 0x04034b50;
    private static final int ZIP64_FIELD = 1;
    private static final long UNSIGNED_INT = 0xffffffffL;
    private static final int MAX_DIRECTORY_BYTES = 16 << 20;
    private static final int MAX_ENTRIES = 100_000;

    private final Path path;
    private final FileBytes file;
    private final long size;

    /** Bytes of the file from {@code begin} to {@code end} (exclusive). */
    record Range(long begin, long end) {

        long bytes() {
            return end - begin;
        }
    }

    private ZipDirectory(Path path, FileChannel channel, long size) {
        this.path = path;
        this.file = new FileBytes(path, channel);
        this.size = size;
    }

    /** Reads the entries' names and places. */
    static Map<String, Range> read(Path path, FileChannel channel, long size) throws IOException {
        return new ZipDirectory(path, channel, size).entries();
    }

    private Map<String, Range> entries() throws IOException {
        Range directory = directory();
        if (directory.bytes() > MAX_DIRECTORY_BYTES) {
            throw damaged("has a directory of " + directory.bytes() + " bytes", "at most " + MAX_DIRECTORY_BYTES);
        }
        ByteBuffer bytes = bytes(directory.begin(), (int) directory.bytes());
        Map<String, Range> entries = new LinkedHashMap<>();
        while (bytes.hasRemaining()) {
            if (entries.size() == MAX_ENTRIES) {
                throw damaged("has more than " + MAX_ENTRIES + " entries", "fewer");
            }
            readEntry(bytes, directory.begin(), entries);
        }
        checkApart(entries);
        return entries;
    }

    /** The central directory's place, from the end of the file, which a comment may follow. */
    private Range directory() throws IOException {
        int length = (int) Math.min(size, END_BYTES + 0xffff);
        ByteBuffer tail = bytes(size - length, length);
        for (int at = length - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END_SIGNATURE && unsigned(tail.getShort(at + 20)) == length - END_BYTES - at) {
                long end = size - length + at;
                Optional<Range> wide = wideDirectory(end);
                Range directory = wide.isPresent() ? wide.get() : directory(tail, at);
                if (directory.begin() < 0 || directory.bytes() < 0 || directory.end() > end) {
                    throw damaged("has its directory outside the file", "it before the last record");
                }
                return directory;
            }
        }
        throw damaged("ends before its directory", "a whole zip file");
    }

    private Range directory(ByteBuffer tail, int at) {
        long begin = tail.getInt(at + 16) & UNSIGNED_INT;
        return new Range(begin, begin + (tail.getInt(at + 12) & UNSIGNED_INT));
    }

    private Optional<Range> wideDirectory(long end) throws IOException {
        if (end < END64_LOCATOR_BYTES) {
            return Optional.empty();
        }
        ByteBuffer locator = bytes(end - END64_LOCATOR_BYTES, END64_LOCATOR_BYTES);
        if (locator.getInt(0) != END64_LOCATOR_SIGNATURE) {
            return Optional.empty();
        }
        long position = locator.getLong(8);
        if (position < 0 || position > end - END64_LOCATOR_BYTES - END64_BYTES) {
            throw damaged("has its zip64 record at " + position, "it before the last record");
        }
        ByteBuffer record = bytes(position, END64_BYTES);
        if (record.getInt(0) != END64_SIGNATURE) {
            throw damaged("has no zip64 record at " + position, "the one that the file's end promises");
        }
        long begin = record.getLong(48);
        long length = record.getLong(40);
        if (begin < 0 || length < 0 || begin > position || length > position - begin) {
            throw damaged("has its directory outside the file", "it before the zip64 record");
        }
        return Optional.of(new Range(begin, begin + length));
    }

    private void readEntry(ByteBuffer bytes, long dataEnd, Map<String, Range> entries) throws IOException {
        int at = bytes.position();
        if (bytes.remaining() < ENTRY_BYTES || bytes.getInt(at) != ENTRY_SIGNATURE) {
            throw damaged("has a broken directory", "an entry at its byte " + at);
        }
        int nameLength = unsigned(bytes.getShort(at + 28));
        int extraLength = unsigned(bytes.getShort(at + 30));
        int next = at + ENTRY_BYTES + nameLength + extraLength + unsigned(bytes.getShort(at + 32));
        if (next > bytes.limit()) {
            throw damaged("has a broken directory", "a whole entry at its byte " + at);
        }
        byte[] name = new byte[nameLength];
        bytes.get(at + ENTRY_BYTES, name);
        String entry = new String(name, StandardCharsets.UTF_8);
        checkPlain(entry, bytes.getShort(at + 8), bytes.getShort(at + 10));
        ByteBuffer extra =
                bytes.slice(at + ENTRY_BYTES + nameLength, extraLength).order(ByteOrder.LITTLE_ENDIAN);
        long[] sizes = sizes(
                entry,
                extra,
                bytes.getInt(at + 24) & UNSIGNED_INT, // uncompressed
                bytes.getInt(at + 20) & UNSIGNED_INT, // compressed
                bytes.getInt(at + 42) & UNSIGNED_INT); // position of the local header
        if (sizes[0] != sizes[1]) {
            throw damaged(
                    "stores " + Counted.of(sizes[1], "byte") + " of " + quote(entry) + " and promises " + sizes[0],
                    "equal sizes");
        }
        if (entries.put(entry, range(entry, name, sizes[2], sizes[0], dataEnd)) != null) {
            throw damaged("has the entry " + quote(entry) + " twice", "every name once");
        }
        bytes.position(next);
    }

    private void checkPlain(String entry, int flags, int method) throws IOException {
        if (entry.startsWith("/") || entry.contains("\\") || ("/" + entry + "/").contains("/../")) {
            throw damaged("has an entry " + quote(entry) + ", which leads out of the archive", "names within it");
        }
        if ((flags & 1) != 0) {
            throw damaged("has the entry " + quote(entry) + " encrypted", "entries that are not");
        }
        if (method != 0) {
            throw damaged("has the entry " + quote(entry) + " compressed", "stored entries, as PyTorch writes them");
        }
    }

    /** Replaces what does not fit 32 bits by the values in the zip64 field. */
    private long[] sizes(String entry, ByteBuffer extra, long... sizes) throws IOException {
        while (extra.remaining() >= 4) {
            int id = unsigned(extra.getShort());
            int length = unsigned(extra.getShort());
            if (length > extra.remaining()) {
                break;
            }
            ByteBuffer field = extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            extra.position(extra.position() + length);
            for (int i = 0; id == ZIP64_FIELD && i < sizes.length; i++) {
                if (sizes[i] == UNSIGNED_INT && field.remaining() >= 8) {
                    sizes[i] = field.getLong();
                }
            }
        }
        for (long each : sizes) {
            if (each < 0 || each > size) {
                throw damaged("gives " + quote(entry) + " a size or place of " + each, "at most the file's " + size);
            }
        }
        return sizes;
    }

    /** The entry's data, which follow the local header: its name and a field of a length of its own. */
    private Range range(String entry, byte[] name, long local, long length, long dataEnd) throws IOException {
        if (local > dataEnd - LOCAL_BYTES - name.length) {
            throw damaged("has the entry " + quote(entry) + " at " + local, "it before the directory");
        }
        ByteBuffer header = bytes(local, LOCAL_BYTES + name.length);
        byte[] again = new byte[name.length];
        header.get(LOCAL_BYTES, again);
        if (header.getInt(0) != LOCAL_SIGNATURE
                || unsigned(header.getShort(26)) != name.length
                || !Arrays.equals(name, again)) {
            throw damaged("has something else where " + quote(entry) + " should be", "the entry of the directory");
        }
        long begin = local + LOCAL_BYTES + name.length + unsigned(header.getShort(28));
        if (length > dataEnd - begin) {
            throw damaged(
                    "gives " + Counted.of(length, "byte") + " to " + quote(entry),
                    "data that end before the directory");
        }
        return new Range(begin, begin + length);
    }

    private void checkApart(Map<String, Range> entries) throws IOException {
        List<Range> sorted = new ArrayList<>(entries.values());
        sorted.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).begin() < sorted.get(i - 1).end()) {
                throw damaged("has entries that overlap", "every byte in one of them");
            }
        }
    }

    private ByteBuffer bytes(long position, int length) throws IOException {
        return file.read(position, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int unsigned(short value) {
        return value & 0xffff;
    }

    private static String quote(String text) {
        return '"' + Shown.text(text) + '"';
    }

    private IOException damaged(String what, String expected) {
        return new IOException(path + ": " + what + "; expected " + expected
                + "; the file is damaged or no PyTorch archive: fetch or write it again");
    }
}
