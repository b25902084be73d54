package io.latent4j.service.registry;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Finds files and folders of one kind in a folder and those below it, links followed, hidden ones left out. */
final class FolderScan extends SimpleFileVisitor<Path> {
    private static final int DEEPEST = 8;
    private static final int MOST = 100_000; // files that are looked through

    private final EntryKind kind;
    private final Path root;
    private final List<Found> found = new ArrayList<>();
    private Optional<Sum> within = Optional.empty(); // a folder that is one, whose files are added up
    private int seen;

    /**
     * A file or folder that may be one.
     *
     * @param path from the folder that was looked through
     * @param names what it may be called, the shortest first
     * @param changed when its first file was, which tells it from an older one
     */
    record Found(Path root, Path path, List<String> names, long bytes, FileTime changed) {

        /** How far below the folder that was looked through it is. */
        int depth() {
            return path.getNameCount();
        }
    }

    /** What a folder's files add up to. */
    private static final class Sum {
        private final Path folder;
        private long bytes;
        private FileTime changed = FileTime.fromMillis(0);

        Sum(Path folder) {
            this.folder = folder;
        }
    }

    private FolderScan(EntryKind kind, Path root) {
        this.kind = kind;
        this.root = root;
    }

    /**
     * What may be of this kind, those in the folder itself first.
     *
     * @throws IOException if the folder is not there, or has too many files
     */
    static List<Found> of(EntryKind kind, Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException(
                    root + ": there is no such folder; expected one with files of the kind " + kind.title());
        }
        FolderScan scan = new FolderScan(kind, root);
        Files.walkFileTree(root, Set.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, scan);
        return scan.found.stream()
                .sorted(Comparator.comparingInt(Found::depth)
                        .thenComparing(each -> !each.path().toString().endsWith(".safetensors"))
                        .thenComparing(Found::path))
                .toList();
    }

    private static boolean isHidden(Path path) {
        return path.getFileName() != null && path.getFileName().toString().startsWith(".");
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
        if (!folder.equals(root) && isHidden(folder)) {
            return FileVisitResult.SKIP_SUBTREE;
        }
        if (within.isEmpty() && kind.isFolder(folder)) {
            within = Optional.of(new Sum(folder));
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        if (++seen > MOST) {
            throw new IOException(root + ": has more than " + MOST + " files; expected a folder of the kind "
                    + kind.title() + " alone");
        }
        Optional<String> stem = kind.stem(file.getFileName().toString());
        if (isHidden(file) || (stem.isEmpty() && !isWeights(file)) || !attributes.isRegularFile()) {
            return FileVisitResult.CONTINUE;
        }
        if (within.isPresent()) {
            Sum sum = within.get();
            sum.bytes += attributes.size();
            sum.changed = attributes.lastModifiedTime();
        } else if (stem.isPresent()) {
            add(file, Optional.of(stem.get()), attributes.size(), attributes.lastModifiedTime());
        }
        return FileVisitResult.CONTINUE;
    }

    private static boolean isWeights(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".safetensors") || name.endsWith(".bin");
    }

    private void add(Path place, Optional<String> stem, long bytes, FileTime changed) {
        Path path = root.relativize(place);
        Path whole = place.equals(root) ? root.toAbsolutePath().normalize().getFileName() : path;
        List<String> steps = IntStream.range(0, whole.getNameCount())
                .mapToObj(i -> whole.getName(i).toString())
                .collect(Collectors.toCollection(ArrayList::new));
        String last = steps.remove(steps.size() - 1);
        String folders = steps.stream().map(step -> step + "/").collect(Collectors.joining());
        String bare = stem.orElse(last);
        found.add(new Found(root, path, List.of(bare, folders + bare, folders + last), bytes, changed));
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
        if (file.equals(root)) {
            throw e;
        }
        return FileVisitResult.CONTINUE; // what cannot be read, a link to nothing or into a folder above itself
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException e) {
        if (within.filter(sum -> sum.folder.equals(folder)).isPresent()) {
            Sum sum = within.get();
            within = Optional.empty();
            add(folder, Optional.empty(), sum.bytes, sum.changed);
        }
        return FileVisitResult.CONTINUE;
    }
}
