package io.latent4j.training.data;

import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.config.TextFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PushbackReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads {@code metadata.csv}: the first record names the columns, of which {@code file_name} and {@code text} count. Fields
 * may be in quotes, with quotes doubled and line breaks in them (<a href="https://www.rfc-editor.org/rfc/rfc4180">RFC
 * 4180</a>).
 */
record MetadataTable(Path file) implements ImageFolder.Claims {
    private static final int END = -1;
    private static final int MOST_FIELDS = 1_000; // of a record
    private static final int MOST_LETTERS = 1 << 20; // of a field
    private static final int MOST_SHOWN = 30;

    @Override
    public void read(ImageFolder.Listener listener) throws IOException {
        try (BufferedReader text = TextFile.open(file, "a table with commas");
                PushbackReader in = new PushbackReader(text)) {
            List<String> columns = record(in).orElse(List.of());
            int fileName = column(columns, "file_name");
            int caption = column(columns, "text");
            int number = 1;
            for (Optional<List<String>> next = record(in); next.isPresent(); next = record(in)) {
                List<String> fields = next.get();
                String source = file + ", record " + ++number;
                if (fields.size() == columns.size()) {
                    listener.claim(new ImageFolder.Claim(source, fields.get(fileName), List.of(fields.get(caption))));
                } else if (!fields.equals(List.of(""))) { // a blank line
                    listener.fault(source + ": has " + Counted.of(fields.size(), "field") + "; expected "
                            + columns.size() + ", one a column");
                }
            }
        }
    }

    private int column(List<String> columns, String name) throws IOException {
        int index = columns.indexOf(name);
        if (index < 0) {
            throw new IOException(
                    file + ": its first line names no column " + name + "; expected file_name and text among them");
        }
        return index;
    }

    /** The fields of the next record; nothing at the end. */
    private Optional<List<String>> record(PushbackReader in) throws IOException {
        int next = in.read();
        if (next == END) {
            return Optional.empty();
        }
        in.unread(next);
        List<String> fields = new ArrayList<>();
        do {
            if (fields.size() == MOST_FIELDS) {
                throw new IOException(file + ": has a record of more than " + MOST_FIELDS + " fields; expected fewer");
            }
            fields.add(field(in));
            next = in.read();
        } while (next == ',');
        if (next == '\r') {
            next = in.read();
            if (next != '\n' && next != END) {
                in.unread(next);
            }
        }
        return Optional.of(fields);
    }

    /** One field, up to what ends it. */
    private String field(PushbackReader in) throws IOException {
        StringBuilder field = new StringBuilder();
        int c = in.read();
        if (c == '"') {
            quoted(in, field);
            c = in.read();
        }
        while (c != ',' && c != '\r' && c != '\n' && c != END) {
            append(field, c);
            c = in.read();
        }
        if (c != END) {
            in.unread(c);
        }
        return field.toString();
    }

    private void quoted(PushbackReader in, StringBuilder field) throws IOException {
        while (true) {
            int c = in.read();
            if (c == END) {
                throw new IOException(file + ": ends within quotes; expected a closing quote");
            }
            if (c == '"') {
                int after = in.read();
                if (after != '"') {
                    if (after != END) {
                        in.unread(after);
                    }
                    return;
                }
            }
            append(field, c);
        }
    }

    private void append(StringBuilder field, int letter) throws IOException {
        if (field.length() == MOST_LETTERS) {
            throw new IOException(file + ": has a field of more than " + MOST_LETTERS + " letters, which begins with \""
                    + Shown.text(field.substring(0, MOST_SHOWN)) + "\"; expected fewer; is a quote not closed?");
        }
        field.append((char) letter);
    }
}
