package dev.mlit.spec.advice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlit.spec.InvalidInputException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Advice as calls. If it fails, what a message tells a programmer to call does not compile. */
class LibraryAdviceTest {
  private static final Path RUN = Path.of("my runs/a");

  @Test
  void namesCallsThatCompile() {
    assertThat(Advice.LIBRARY.resume(RUN)).isEqualTo("Mlit.resume(Path.of(\"my runs/a\"))");
    assertThat(Advice.LIBRARY.resumeWith(RUN, "data.directory", "DIR"))
        .isEqualTo(
            "Trainer.of(RunDirectory.open(Path.of(\"my runs/a\")).run(List.of(\"data.directory=DIR\")))"
                + ".directory(Path.of(\"my runs/a\")).resume(true)");
    assertThat(Advice.LIBRARY.export(RUN, "DIR"))
        .isEqualTo("Mlit.export(Path.of(\"my runs/a\"), Path.of(\"DIR\"))");
    assertThat(Advice.LIBRARY.rename("student.", ""))
        .isEqualTo("ModelImport.rename(\"student.\", \"\")");
    assertThat(Advice.LIBRARY.fetch("mnist", null)).isEqualTo("DatasetFetch.of(\"mnist\").run()");
    assertThat(Advice.LIBRARY.fetch("mnist", Path.of("d")))
        .isEqualTo("DatasetFetch.of(\"mnist\").to(Path.of(\"d\")).run()");
  }

  @Test
  void aPathIsALiteralOfJava() {
    assertThat(Advice.LIBRARY.resume("C:\\a \"b\""))
        .isEqualTo("Mlit.resume(Path.of(\"C:\\\\a \\\"b\\\"\"))");
  }

  @Test
  void anExceptionAdvisesInAnyWordsAndHasItsMessageStillAfterSerialization() throws Exception {
    InvalidInputException exception =
        InvalidInputException.advised(
            "place", List.of(Message.of("one"), advice -> "two; " + advice.set("a.b", 3)));
    assertThat(exception).hasMessage("place: one\nplace: two; set a.b to 3");
    assertThat(exception.message(Advice.LIBRARY)).isEqualTo(exception.getMessage());

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(exception);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      InvalidInputException read = (InvalidInputException) in.readObject();
      assertThat(read.message(Advice.LIBRARY)).isEqualTo(exception.getMessage());
    }
  }
}
