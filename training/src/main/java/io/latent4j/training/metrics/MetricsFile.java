package io.latent4j.training.metrics;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.Longs;
import io.latent4j.core.config.Counted;
import io.latent4j.core.config.Shown;
import io.latent4j.core.config.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A run's figures as comma-separated values: a row whenever there are some, a column for each, the step in the first. A
 * figure that a row does not have is empty there.
 */
public final class MetricsFile {
    private static final String STEP = "step";
    private static final int MOST_BYTES = 256 << 20; // a million rows
    private static final int MOST_COLUMNS = 1000;
    private static final String CURE = "; repair the line, or remove the file to go on without earlier figures";

    private final Path path;
    private final List<String> columns = new ArrayList<>();

    /**
     * Continues {@code path} after {@code step}; rows of later steps are dropped.
     *
     * @throws IOException naming the file, and the line if there is one, if it is damaged
     */
    public MetricsFile(Path path, long step) throws IOException {
        this.path = path;
        columns.add(STEP);
        List<Map<String, String>> rows = Files.exists(path) ? read(path) : List.of();
        addColumns(rows);
        rewrite(rows.stream()
                .filter(row -> Long.parseLong(row.get(STEP)) <= step)
                .toList());
    }

    private void addColumns(List<Map<String, String>> rows) {
        Set<String> known = new HashSet<>(columns);
        for (Map<String, String> row : rows) {
            for (String name : row.keySet()) {
                if (known.add(name)) {
                    columns.add(name);
                }
            }
        }
    }

    /**
     * Reads every row, by column; figures that a row does not have are absent.
     *
     * @throws IOException naming the file, and the line if there is one, if it is damaged
     */
    public static List<Map<String, String>> read(Path path) throws IOException {
        List<String> lines;
        try {
            lines = TextFile.lines(path, MOST_BYTES, "the figures of a run");
        } catch (IOException e) {
            throw new IOException(e.getMessage() + ", or remove it to go on without earlier figures", e);
        }
        List<Map<String, String>> rows = new ArrayList<>();
        List<String> names = lines.isEmpty() ? List.of(STEP) : names(path, lines.get(0));
        for (int i = 1; i < lines.size(); i++) {
            rows.add(row(path, i + 1, names, lines.get(i)));
        }
        return rows;
    }

    private static List<String> names(Path path, String line) throws IOException {
        List<String> names = Splitter.on(',').splitToList(line);
        boolean printable = line.chars().noneMatch(Character::isISOControl);
        if (!printable || !names.get(0).equals(STEP) || names.size() > MOST_COLUMNS) {
            throw damaged(path, 1, line, "the names of columns, of which the first is " + STEP);
        }
        if (names.stream().distinct().count() < names.size()) {
            throw damaged(path, 1, line, "each column once");
        }
        return names;
    }

    private static Map<String, String> row(Path path, int number, List<String> names, String line) throws IOException {
        List<String> values = Splitter.on(',').splitToList(line);
        if (values.size() > names.size()) {
            throw damaged(path, number, line, "at most " + Counted.of(names.size(), "value"));
        }
        Long step = Longs.tryParse(values.get(0));
        if (step == null || step < 0) {
            throw damaged(path, number, line, "a step and figures");
        }
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            String value = values.get(i);
            if (!value.isEmpty()) {
                if (Doubles.tryParse(value) == null) {
                    throw damaged(path, number, line, "a number as " + names.get(i));
                }
                row.put(names.get(i), value);
            }
        }
        return row;
    }

    private static IOException damaged(Path path, int line, String found, String expected) {
        return new IOException(
                path + ": line " + line + " is \"" + Shown.text(found) + "\"; expected " + expected + CURE);
    }

    /** Adds a row; a figure that has no column yet gets one. */
    public void add(long step, Map<String, Double> figures) throws IOException {
        boolean known = columns.containsAll(figures.keySet());
        figures.keySet().stream().filter(name -> !columns.contains(name)).forEach(columns::add);
        if (!known) {
            rewrite(Files.exists(path) ? read(path) : List.of());
        }
        Map<String, String> row = new LinkedHashMap<>();
        row.put(STEP, Long.toString(step));
        figures.forEach((name, value) -> row.put(name, String.format(Locale.ROOT, "%.6g", value)));
        Files.writeString(path, line(row), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void rewrite(List<Map<String, String>> rows) throws IOException {
        StringBuilder text = new StringBuilder(Joiner.on(',').join(columns)).append('\n');
        rows.forEach(row -> text.append(line(row)));
        Path draft = path.resolveSibling("." + path.getFileName() + ".draft");
        Files.writeString(draft, text);
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private String line(Map<String, String> row) {
        return Joiner.on(',')
                        .join(columns.stream().map(c -> row.getOrDefault(c, "")).toList()) + "\n";
    }
}
