package io.latent4j.core.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes archives as torch.save lays them out, and zips that are none. */
public final class TorchArchiveFile {

    private final Map<String, byte[]> entries = new LinkedHashMap<>();
    private int method = ZipEntry.STORED;

    TorchArchiveFile with(String name, byte... bytes) {
        entries.put(name, bytes);
        return this;
    }

    /** What the tensors are. */
    public TorchArchiveFile pickle(PickleBytes pickle) {
        return with("a/data.pkl", pickle.bytes());
    }

    /** The numbers of a tensor. */
    public TorchArchiveFile storage(String key, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return with("a/data/" + key, bytes.array());
    }

    TorchArchiveFile compressed() {
        method = ZipEntry.DEFLATED;
        return this;
    }

    /** Writes the archive and answers its file. */
    public Path write(Path file) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (var each : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                CRC32 crc = new CRC32();
                crc.update(each.getValue());
                entry.setMethod(method);
                entry.setSize(each.getValue().length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(each.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }
}
