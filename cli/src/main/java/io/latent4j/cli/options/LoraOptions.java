package io.latent4j.cli.options;

import com.google.common.base.Splitter;
import io.latent4j.core.config.EditDistance;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.service.job.AdapterStrengths;
import io.latent4j.service.job.PromptTags;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Which adapters go with a prompt: files by option, and names in the prompt. */
public final class LoraOptions {
    private static final String ENDING = ".safetensors";
    private static final Pattern FILE = Pattern.compile("(.+)\\.(safetensors|bin|pt|pth|ckpt)");
    private static final int DEEPEST = 8;
    private static final int MOST = 100_000; // files that are looked through
    private static final int NEAREST = 5;

    @Option(
            names = "--lora",
            paramLabel = "FILE[:X]",
            description =
                    "Adapter (LoRA and its kin) at strength X (default: 1), or FILE:X:Y with X for the text encoder and"
                            + " Y for the UNet. Y may change from step to step: 0@0,0.8@1 rises from 0 at the first to"
                            + " 0.8 at the last. Factors of blocks go last: FILE:X:down_blocks.*=0. May be given several"
                            + " times.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--lora-dir",
            paramLabel = "DIR",
            description = "Folder with the adapters that the prompt names, as in \"a boat <lora:ink:0.8>\".")
    private Optional<Path> folder;

    /** An adapter file that is to be used. */
    public record Wanted(Path file, AdapterStrengths strengths) {

        /** The use of the adapter in a job, by its file's name. */
        public AdapterUse use() {
            return strengths.of(file.toString());
        }
    }

    /**
     * The adapters that are to be used.
     *
     * @param warnings which of several files of one name were taken
     */
    public record Chosen(List<Wanted> adapters, List<String> warnings) {}

    /**
     * The files of the options, then those of the prompt's tags.
     *
     * @param recreated whether the tags are those of an image that is made again, which name options' files too
     * @throws IllegalArgumentException if a tag names none
     * @throws IOException if a file or the folder is not there
     */
    public Chosen wanted(List<PromptTags.Tag> tags, boolean recreated) throws IOException {
        List<Wanted> wanted = new ArrayList<>();
        for (String file : files) {
            wanted.add(file(file));
        }
        Set<String> given = recreated
                ? wanted.stream().map(each -> name(each.file()).orElse("")).collect(Collectors.toSet())
                : Set.of();
        List<PromptTags.Tag> named =
                tags.stream().filter(tag -> !given.contains(tag.name())).toList();
        List<String> warnings = new ArrayList<>();
        if (!named.isEmpty()) {
            Map<String, List<Path>> known = known();
            for (PromptTags.Tag tag : named) {
                List<Path> found = known.get(named(tag.name(), known.keySet()));
                wanted.add(new Wanted(found.get(0), tag.strengths()));
                if (found.size() > 1) {
                    warnings.add("there are " + found.size() + " adapters called " + tag.name() + "; taken is "
                            + found.get(0) + ", and not "
                            + Shown.list(
                                    found.stream().skip(1).map(Path::toString).toList(), ", "));
                }
            }
        }
        return new Chosen(wanted, warnings);
    }

    public static Wanted file(String option) throws IOException {
        for (int end = option.length(); end > 0; end = option.lastIndexOf(':', end - 1)) {
            String name = option.substring(0, end);
            if (isFile(name)) {
                return new Wanted(Path.of(name), strengths(option, end));
            }
        }
        throw new IOException(option + ": there is no such regular file; expected --lora FILE or --lora FILE:STRENGTH");
    }

    /** Whether there is a file of this name; what cannot be a name is none. */
    static boolean isFile(String name) {
        try {
            return Files.isRegularFile(Path.of(name));
        } catch (InvalidPathException e) { // with a colon or angle brackets, on Windows
            return false;
        }
    }

    /** What stands behind the file's name. */
    private static AdapterStrengths strengths(String option, int end) {
        return end == option.length()
                ? AdapterStrengths.FULL
                : AdapterStrengths.of(
                        "--lora " + option, Splitter.on(':').trimResults().splitToList(option.substring(end + 1)));
    }

    /** What prompts call a file. */
    private static Optional<String> name(Path file) {
        Matcher name = FILE.matcher(file.getFileName().toString());
        return name.matches() ? Optional.of(name.group(1)) : Optional.empty();
    }

    /** The files in the folder and those below it, by name without the ending. */
    private Map<String, List<Path>> known() throws IOException {
        if (folder.isEmpty()) {
            throw new IllegalArgumentException(
                    "the prompt names adapters, but there is no --lora-dir; expected the folder they are in");
        }
        if (!Files.isDirectory(folder.get())) {
            throw new IOException(folder.get() + ": there is no such folder; expected one with adapters");
        }
        Map<String, List<Path>> known = new TreeMap<>();
        Comparator<Path> safetensorsFirst =
                Comparator.comparing(file -> !file.toString().endsWith(ENDING));
        files(folder.get()).stream()
                .sorted(safetensorsFirst.thenComparing(Comparator.naturalOrder()))
                .forEach(file -> name(file)
                        .ifPresent(name -> known.computeIfAbsent(name, key -> new ArrayList<>())
                                .add(file)));
        return known;
    }

    /** The regular files in a folder and those below it, links followed, but none into a folder above itself. */
    private static List<Path> files(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(folder, Set.of(FileVisitOption.FOLLOW_LINKS), DEEPEST, new SimpleFileVisitor<>() {
            private int seen;

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (++seen > MOST) {
                    throw new IOException(
                            folder + ": has more than " + MOST + " files; expected a folder of adapters alone");
                }
                if (attributes.isRegularFile()) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof FileSystemLoopException || Files.isSymbolicLink(file)) {
                    return FileVisitResult.CONTINUE; // a link into a folder above itself, or to nothing
                }
                throw e;
            }
        });
        return files;
    }

    /** The one of the known names that a tag means. */
    private String named(String name, Set<String> known) {
        if (known.contains(name)) {
            return name;
        }
        List<String> alike = known.stream().filter(name::equalsIgnoreCase).toList();
        if (alike.size() == 1) {
            return alike.get(0);
        }
        String near = known.stream()
                .sorted(Comparator.comparingInt(other -> EditDistance.between(name, other)))
                .limit(NEAREST)
                .collect(Collectors.joining(", "));
        throw new IllegalArgumentException("the prompt names the adapter \"" + Shown.text(name) + "\", which is not in "
                + folder.get() + "; "
                + (near.isEmpty() ? "expected a file " + Shown.text(name) + ENDING + " there" : "near it are " + near));
    }
}
