package io.latent4j.textencoder.t5;

import io.latent4j.core.config.TextFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A SentencePiece model's own file, {@code spiece.model}: pieces with their scores and kinds, how the model was trained, and
 * how text is normalized. Messages and numbers of fields are those of {@code ModelProto}.
 */
final class SentencePieceFile {
    private static final int LARGEST = 32 << 20; // bytes; T5's has 0.8 million
    private static final int UNIGRAM = 1;
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int UNUSED = 5;

    private final Path file;
    private final UnigramFile.Builder pieces;
    private byte[] charsmap = {};
    private int unknown = -1;
    private int count; // of the pieces read

    private SentencePieceFile(Path file) {
        this.file = file;
        pieces = new UnigramFile.Builder(file);
    }

    /**
     * Reads a model.
     *
     * @throws IOException naming the file, if it is damaged or the model is of another kind than T5's
     */
    static UnigramFile read(Path file) throws IOException {
        byte[] bytes = TextFile.readBytes(file, LARGEST, "a SentencePiece model");
        return new SentencePieceFile(file).read(new ProtoReader(file, bytes));
    }

    private UnigramFile read(ProtoReader model) throws IOException {
        for (int field = model.next(); field != 0; field = model.next()) {
            switch (field) {
                case 1 -> readPiece(model.message());
                case 2 -> readTraining(model.message());
                case 3 -> readNormalizer(model.message());
                default -> model.skip();
            }
        }
        if (unknown < 0) {
            throw new IOException(file + ": is not a SentencePiece model, or has no piece for what is unknown");
        }
        try {
            return pieces.done(unknown, Charsmap.of(file + ": precompiled_charsmap", charsmap));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void readPiece(ProtoReader message) throws IOException {
        String piece = "";
        float score = 0;
        long kind = NORMAL;
        for (int field = message.next(); field != 0; field = message.next()) {
            switch (field) {
                case 1 -> piece = message.text();
                case 2 -> score = message.real();
                case 3 -> kind = message.number();
                default -> message.skip();
            }
        }
        if (kind != NORMAL && kind != UNKNOWN && kind != CONTROL && kind != UNUSED) {
            throw new IOException(
                    file + ": piece " + count + " is of the kind " + kind + "; only " + NORMAL + " (normal), " + UNKNOWN
                            + " (unknown), " + CONTROL + " (control) and " + UNUSED + " (unused) are supported");
        }
        if (kind == UNKNOWN) {
            unknown = count;
        }
        pieces.add(piece, score, kind == NORMAL);
        count++;
    }

    private void readTraining(ProtoReader message) throws IOException {
        for (int field = message.next(); field != 0; field = message.next()) {
            switch (field) {
                case 3 -> require("model_type", message.number(), UNIGRAM);
                case 24 -> require("treat_whitespace_as_suffix", message.number(), 0);
                case 35 -> require("byte_fallback", message.number(), 0);
                default -> message.skip();
            }
        }
    }

    private void readNormalizer(ProtoReader message) throws IOException {
        for (int field = message.next(); field != 0; field = message.next()) {
            switch (field) {
                case 2 -> charsmap = message.bytes();
                case 3 -> require("add_dummy_prefix", message.number(), 1);
                case 4 -> require("remove_extra_whitespaces", message.number(), 1);
                case 5 -> require("escape_whitespaces", message.number(), 1);
                default -> message.skip();
            }
        }
    }

    private void require(String name, long found, long expected) throws IOException {
        if (found != expected) {
            throw new IOException(
                    file + ": " + name + " is " + found + "; only " + expected + " is supported, as T5 has it");
        }
    }
}
