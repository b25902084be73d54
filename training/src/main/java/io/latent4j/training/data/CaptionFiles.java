package io.latent4j.training.data;

import io.latent4j.core.config.TextFile;
import io.latent4j.core.image.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads text files beside images: {@code name.txt} for {@code name.png}, or else {@code name.caption}. Subfolders are not
 * looked into.
 */
record CaptionFiles(Path folder) implements ImageFolder.Claims {
    private static final int MOST_BYTES = 1 << 20;

    @Override
    public void read(ImageFolder.Listener listener) throws IOException {
        List<String> names;
        try (Stream<Path> files = Files.list(folder)) {
            names = files.map(file -> file.getFileName().toString())
                    .filter(ImageDecoder::isImage)
                    .sorted()
                    .toList();
        }
        for (String name : names) {
            read(name, listener);
        }
    }

    private void read(String name, ImageFolder.Listener listener) throws IOException {
        String stem = name.substring(0, name.lastIndexOf('.'));
        Path text = folder.resolve(stem + ".txt");
        Path other = folder.resolve(stem + ".caption");
        Path captions = !Files.exists(text) && Files.exists(other) ? other : text;
        if (!Files.isRegularFile(captions)) {
            listener.fault(folder.resolve(name) + ": has no caption; expected it in " + captions);
        } else if (!captions.toRealPath().startsWith(folder.toRealPath())) {
            listener.fault(captions + ": leads out of the folder; expected a file in " + folder);
        } else {
            List<String> lines;
            try {
                lines = TextFile.lines(captions, MOST_BYTES, "captions, one a line");
            } catch (IOException e) {
                listener.fault(e.getMessage());
                return;
            }
            listener.claim(new ImageFolder.Claim(captions.toString(), name, lines));
        }
    }
}
