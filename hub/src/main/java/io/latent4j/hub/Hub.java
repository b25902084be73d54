package io.latent4j.hub;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.latent4j.hub.HubClient.Listing;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Fetches models from the Hugging Face hub into the cache that other tools share, or finds them there. What is in the cache
 * is not fetched again; a download that was cut goes on where it stopped; every file is checked against its hash. Any number
 * of threads and processes may fetch at once.
 */
public final class Hub {
    private static final Pattern PATH = Pattern.compile("[^/\\\\:\\p{Cntrl}]+(/[^/\\\\:\\p{Cntrl}]+)*");

    private static final String CONFIG = "config.json";
    private static final int SHOWN = 10;

    private final HubSettings settings;
    private final HubClient client;
    private final DownloadListener listener;
    private final HubClient.Pause pause;

    public Hub(HubSettings settings, DownloadListener listener) {
        this(settings, listener, time -> Thread.sleep(time.toMillis()));
    }

    Hub(HubSettings settings, DownloadListener listener, HubClient.Pause pause) {
        this.settings = settings;
        this.listener = listener;
        this.pause = pause;
        this.client = new HubClient(settings, listener, pause);
    }

    /**
     * A model in the layout of diffusers: its settings, tokenizers and weights, those in safetensors files where there are
     * such, and each once.
     *
     * @param variant of the weights, such as {@code fp16}; empty for the plain ones
     * @return the model's folder in the cache; a file in it may be a link
     * @throws IOException if the model cannot be had, saying why and what to do
     */
    public Path model(ModelId model, Optional<String> variant) throws IOException {
        return model(model, variant, false);
    }

    /** {@link #model(ModelId, Optional)}, where a part that has no weights of the variant comes with others. */
    public Path modelOrPlain(ModelId model, Optional<String> variant) throws IOException {
        return model(model, variant, true);
    }

    private Path model(ModelId model, Optional<String> variant, boolean orPlain) throws IOException {
        return fetch(model, (listing, root) -> {
            if (!listing.files().contains(Selection.INDEX)) {
                throw new IOException(model + ": has no " + Selection.INDEX + "; expected a model in the layout of"
                        + " diffusers; for a single file name it: " + model.repository() + "/"
                        + listing.files().stream()
                                .filter(name -> name.endsWith(".safetensors"))
                                .findFirst()
                                .orElse("FILE"));
            }
            file(model, listing.commit(), Selection.INDEX);
            List<String> files = new Selection(model, listing.files(), variant, orPlain).of(index(root));
            for (String file : files) {
                file(model, listing.commit(), file);
            }
            return root;
        });
    }

    /**
     * One part of a model, an autoencoder or a control network for instance: {@code config.json} and weights, in a
     * repository of its own or in the folder that {@code model} names as its file.
     *
     * @param variant of the weights, such as {@code fp16}, where there are such; the plain ones otherwise
     * @return the part's folder in the cache; a file in it may be a link
     */
    public Path part(ModelId model, Optional<String> variant) throws IOException {
        return fetch(model, (listing, root) -> {
            String folder = model.file().map(name -> name + "/").orElse("");
            if (!listing.files().contains(folder + CONFIG)) {
                throw new IOException(model + ": has no " + folder + CONFIG
                        + "; expected a part of a model in the layout"
                        + " of diffusers; name a folder or file of the repository, such as " + model.repository()
                        + "/vae; there is "
                        + listing.files().stream().limit(SHOWN).toList());
            }
            for (String file : new Selection(model, listing.files(), variant, true).ofPart(folder)) {
                file(model, listing.commit(), file);
            }
            return root.resolve(folder);
        });
    }

    /**
     * One file of a model's repository.
     *
     * @throws IllegalArgumentException if {@code model} names no file
     */
    public Path file(ModelId model) throws IOException {
        String file = model.file()
                .orElseThrow(() -> new IllegalArgumentException(model + ": names no file; expected owner/name/file"));
        return fetch(model, (listing, root) -> file(model, listing.commit(), file));
    }

    /**
     * One file of a model's repository, and those called {@code others} in its folder that the repository has.
     *
     * @throws IllegalArgumentException if {@code model} names no file
     */
    public Path file(ModelId model, List<String> others) throws IOException {
        Path found = file(model);
        String folder = model.file().orElseThrow().replaceFirst("[^/]*$", "");
        ModelId repository = new ModelId(model.repository(), Optional.empty(), model.revision());
        files(repository, others.stream().map(folder::concat).toList());
        return found;
    }

    /** The folder of a repository in which the files that are named are, those that it has: tokenizers, for instance. */
    public Path files(ModelId model, List<String> names) throws IOException {
        return fetch(model, (listing, root) -> {
            for (String name : names) {
                if (listing.files().contains(name)) {
                    file(model, listing.commit(), name);
                }
            }
            return root;
        });
    }

    /** What to take of a repository. */
    private interface Taking {
        Path take(Listing listing, Path root) throws IOException, InterruptedException;
    }

    private Path fetch(ModelId model, Taking taking) throws IOException {
        try {
            HubCache cache = new HubCache(settings.cache(), model);
            Listing listing = listing(model, cache);
            return taking.take(listing, cache.snapshot(listing.commit()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException(model + ": the download was interrupted").initCause(e);
        }
    }

    /** What the hub has, or where it cannot be asked what the cache has. */
    private Listing listing(ModelId model, HubCache cache) throws IOException, InterruptedException {
        Optional<Listing> kept = kept(cache);
        if (settings.offline()) {
            return kept.orElseThrow(() -> new IOException(model + ": is not in the cache " + settings.cache()
                    + ", and HF_HUB_OFFLINE is set; unset it once to download the model"));
        }
        if (kept.isPresent() && HubCache.isCommit(model.revision()) && whole(model, kept.get())) {
            return kept.get(); // a commit does not change
        }
        try {
            Listing listing = client.list(model);
            cache.setCommit(listing.commit());
            return listing;
        } catch (HubUnreachable e) {
            if (kept.isEmpty()) {
                throw e;
            }
            listener.note(e.getMessage() + "; using the cache");
            return kept.get();
        }
    }

    private static Optional<Listing> kept(HubCache cache) throws IOException {
        Optional<String> commit = cache.commit();
        if (commit.isEmpty() || !Files.isDirectory(cache.snapshot(commit.get()))) {
            return Optional.empty();
        }
        Path root = cache.snapshot(commit.get());
        try (Stream<Path> files = Files.walk(root)) {
            List<String> names = files.filter(Files::isRegularFile)
                    .map(file -> String.join("/", names(root.relativize(file))))
                    .filter(name -> !name.endsWith(".incomplete"))
                    .sorted()
                    .toList();
            return Optional.of(new Listing(commit.get(), names));
        }
    }

    private static List<String> names(Path path) {
        List<String> names = new ArrayList<>();
        path.forEach(name -> names.add(name.toString()));
        return names;
    }

    private boolean whole(ModelId model, Listing kept) {
        return model.file().isPresent() && kept.files().contains(model.file().get());
    }

    private static JsonObject index(Path root) throws IOException {
        Path file = root.resolve(Selection.INDEX);
        try {
            return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        } catch (JsonParseException | IllegalStateException e) {
            throw new IOException(file + ": is not a JSON object; expected a model's parts", e);
        }
    }

    private Path file(ModelId model, String commit, String file) throws IOException, InterruptedException {
        if (!PATH.matcher(file).matches()
                || List.of(file.split("/", -1)).stream().anyMatch(Hub::leadsOut)) {
            throw new IOException(model + ": lists \"" + file + "\", which is no path within it; nothing was fetched");
        }
        HubCache cache = new HubCache(settings.cache(), model);
        Path pointer = cache.snapshot(commit).resolve(file);
        if (Files.isRegularFile(pointer)) {
            return pointer;
        }
        if (settings.offline()) {
            throw new IOException(model + ": the cache " + settings.cache() + " does not have " + file
                    + ", and HF_HUB_OFFLINE is set; unset it once to download the file");
        }
        HubClient.FileFacts facts = client.facts(model, commit, file);
        cache.locked(facts.etag(), () -> {
            if (!Files.isRegularFile(cache.blob(facts.etag()))) {
                new Download(client, listener, pause, model, commit, file, facts).to(cache);
            }
            if (!Files.isRegularFile(pointer)) {
                cache.link(commit, file, facts.etag());
            }
        });
        return pointer;
    }

    private static boolean leadsOut(String name) {
        return name.equals("..") || name.equals(".");
    }
}
