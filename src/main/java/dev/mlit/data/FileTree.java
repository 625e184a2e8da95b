package dev.mlit.data;

import dev.mlit.data.image.BoundedStream;
import dev.mlit.spec.InvalidInputException;
import dev.mlit.spec.text.OptionalLibrary;
import dev.mlit.spec.text.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The files of a folder, a zip or a .tar.gz, under their names below it, with slashes: {@code
 * train/cat/1.png}. Hidden files and what macOS adds to archives are left out. Any number of
 * threads may read.
 *
 * @since 0.1.0
 */
@API(status = Status.INTERNAL)
public final class FileTree {
  private static final int MOST_TEXT_BYTES = 1 << 23;

  private final String place;
  private final String prefix;
  private final NavigableSet<String> files;
  private final NavigableSet<String> folders;
  private final Opener opener;

  /** Opens a file by its full name. */
  interface Opener {
    InputStream open(String file) throws IOException;
  }

  private FileTree(
      String place,
      String prefix,
      NavigableSet<String> files,
      NavigableSet<String> folders,
      Opener opener) {
    this.place = place;
    this.prefix = prefix;
    this.files = files;
    this.folders = folders;
    this.opener = opener;
  }

  /**
   * The tree of these files.
   *
   * @param place what stands before a file's name in messages, its separator included
   * @param folders may hold empty ones; those of the files are added
   */
  static FileTree of(
      String place, Collection<String> files, Collection<String> folders, Opener opener) {
    NavigableSet<String> shown = new TreeSet<>();
    NavigableSet<String> allFolders = new TreeSet<>();
    for (String file : files) {
      if (isShown(file)) {
        shown.add(file);
        addFolders(allFolders, file);
      }
    }
    for (String folder : folders) {
      if (isShown(folder)) {
        addFolders(allFolders, folder + "/");
      }
    }
    return new FileTree(place, "", shown, allFolders, opener);
  }

  private static void addFolders(NavigableSet<String> folders, String file) {
    for (int end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) {
      if (!folders.add(file.substring(0, end))) {
        return;
      }
    }
  }

  private static boolean isShown(String file) {
    return !file.startsWith(".") && !file.contains("/.") && !file.startsWith("__MACOSX");
  }

  /**
   * Lists a folder, a zip or a .tar.gz; of a folder that holds an archive and no folder, the
   * archive.
   *
   * @throws InvalidInputException if it cannot be read, or an archive holds a link or a name that
   *     leads out of it
   * @throws IllegalStateException if it is an archive and Commons Compress is not on the class path
   */
  public static FileTree open(Path path) {
    Path found = Files.isDirectory(path) ? onlyArchive(path) : path;
    if (Files.isDirectory(found)) {
      return FolderFiles.list(found);
    }
    String name = found.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".zip")) {
      OptionalLibrary.ARCHIVES.require("to read the zip " + found);
      return ZipFiles.list(found);
    }
    if (ArchiveEntries.isArchive(name)) {
      OptionalLibrary.ARCHIVES.require("to read the archive " + found);
      return TarFiles.load(found);
    }
    throw new InvalidInputException(
        found
            + (Files.exists(found)
                ? ": must be a folder, .zip, .tgz or .tar.gz"
                : ": not there" + FolderFiles.seenFrom(found)));
  }

  private static Path onlyArchive(Path folder) {
    try (Stream<Path> list = Files.list(folder)) {
      List<Path> content = list.filter(f -> isShown(f.getFileName().toString())).toList();
      List<Path> archives =
          content.stream().filter(f -> ArchiveEntries.isArchive(f.toString())).toList();
      boolean folders = content.stream().anyMatch(Files::isDirectory);
      return archives.size() == 1 && !folders ? archives.get(0) : folder;
    } catch (IOException e) {
      throw InvalidInputException.unreadable(folder, e);
    }
  }

  /** The files, sorted by name. */
  public NavigableSet<String> files() {
    return Collections.unmodifiableNavigableSet(files);
  }

  /** The folders directly in this one, sorted by name. */
  public List<String> folders() {
    return folders.stream().filter(folder -> folder.indexOf('/') < 0).toList();
  }

  public boolean hasFile(String file) {
    return files.contains(file);
  }

  /** The tree of one of the folders. */
  public FileTree below(String folder) {
    String start = folder + "/";
    return new FileTree(
        place, prefix + start, inside(files, start), inside(folders, start), opener);
  }

  private static NavigableSet<String> inside(NavigableSet<String> names, String start) {
    NavigableSet<String> inside = new TreeSet<>();
    for (String name : names.tailSet(start)) {
      if (!name.startsWith(start)) {
        break;
      }
      inside.add(name.substring(start.length()));
    }
    return inside;
  }

  /** The name that a file of this tree has in another one of the same files, which holds this. */
  String nameIn(FileTree above, String file) {
    return (prefix + file).substring(above.prefix.length());
  }

  /** The path of a file from the root of the folder or archive that was opened. */
  public String path(String file) {
    return prefix + file;
  }

  /** The name of a file or folder in messages; that of the tree itself if empty. */
  public String name(String file) {
    String name = place + Printable.excerpt(prefix + file);
    return file.isEmpty() ? name.replaceFirst("(!/|/)$", "") : name;
  }

  /**
   * Opens a file; reading more than {@link BoundedStream#MOST_FILE_BYTES} from it fails.
   *
   * @param file one of {@link #files}
   */
  public InputStream open(String file) throws IOException {
    return BoundedStream.ofImageFile(opener.open(prefix + file));
  }

  /**
   * The lines of a text file.
   *
   * @throws InvalidInputException if it is not there, cannot be read or is longer than 8 MB
   */
  public List<String> lines(String file) {
    if (!hasFile(file)) {
      throw new InvalidInputException(name("") + ": has no file " + file);
    }
    try (InputStream in = open(file)) {
      byte[] bytes = in.readNBytes(MOST_TEXT_BYTES + 1);
      if (bytes.length > MOST_TEXT_BYTES) {
        throw new InvalidInputException(
            name(file) + ": more than " + MOST_TEXT_BYTES + " bytes of text");
      }
      return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    } catch (ZipException e) {
      throw new InvalidInputException(
          name(file) + ": damaged zip data: " + Printable.excerpt(e), e);
    } catch (IOException e) {
      throw InvalidInputException.unreadable(name(file), e);
    }
  }

  @Override
  public String toString() {
    return name("") + " (" + files.size() + " files)";
  }
}
