package io.latent4j.training.metrics;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import io.latent4j.core.text.TextFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A run's figures as comma-separated values: a line whenever there are some, a column each, the step in the first. A
 * figure that a line does not have is empty there.
 */
public final class MetricsFile {
    private static final String STEP = "step";
    private static final long MOST_BYTES = 256L << 20;

    private final Path path;
    private final List<String> columns = new ArrayList<>();

    /** Goes on with {@code path} after {@code step}: lines of later steps are dropped. */
    public MetricsFile(Path path, long step) throws IOException {
        this.path = path;
        columns.add(STEP);
        List<Map<String, String>> rows = Files.exists(path) ? read(path) : List.of();
        rows.stream()
                .flatMap(row -> row.keySet().stream())
                .distinct()
                .filter(c -> !c.equals(STEP))
                .forEach(columns::add);
        rewrite(rows.stream()
                .filter(row -> Long.parseLong(row.getOrDefault(STEP, "0")) <= step)
                .toList());
    }

    /** Every line, by column; figures a line does not have are absent. */
    public static List<Map<String, String>> read(Path path) throws IOException {
        List<String> lines = TextFile.lines(path, MOST_BYTES);
        List<Map<String, String>> rows = new ArrayList<>();
        List<String> names = lines.isEmpty() ? List.of() : Splitter.on(',').splitToList(lines.get(0));
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            List<String> values = Splitter.on(',').splitToList(line);
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 0; i < Math.min(names.size(), values.size()); i++) {
                if (!values.get(i).isEmpty()) {
                    row.put(names.get(i), values.get(i));
                }
            }
            rows.add(row);
        }
        return rows;
    }

    /** Adds a line; a figure that has no column yet gets one. */
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
        Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
    }

    private String line(Map<String, String> row) {
        return Joiner.on(',')
                        .join(columns.stream().map(c -> row.getOrDefault(c, "")).toList()) + "\n";
    }
}
