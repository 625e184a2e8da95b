package dev.mlit.tensorflow;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.ConfigProto;

/**
 * Opens sessions of a server of TensorFlow's distributed runtime, through the C API: TensorFlow
 * Java opens sessions of its own process only.
 *
 * @since 0.1.0
 */
public final class DistributedSession {
  private DistributedSession() {}

  /**
   * Opens a session.
   *
   * @param target address of the server, such as {@code grpc://10.0.0.1:2222}
   */
  @SuppressWarnings("try") // The scope is used by being open: it frees the native objects.
  public static Session open(Graph graph, String target, ConfigProto config) {
    try (PointerScope scope = new PointerScope();
        AutoCloseable reference = reference(graph)) {
      TF_Status status = TF_Status.newStatus();
      TF_SessionOptions options = TF_SessionOptions.newSessionOptions();
      BytePointer proto = new BytePointer(config.toByteArray());
      tensorflow.TF_SetTarget(options, target);
      tensorflow.TF_SetConfig(options, proto, proto.capacity(), status);
      status.throwExceptionIfNotOK();
      TF_Session session = tensorflow.TF_NewSession(handle(reference), options, status);
      status.throwExceptionIfNotOK();
      Constructor<Session> wrapper =
          Session.class.getDeclaredConstructor(Graph.class, TF_Session.class);
      wrapper.setAccessible(true);
      return wrapper.newInstance(graph, session);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("this version of TensorFlow Java has no such session", e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("a graph's reference is closed without one", e);
    }
  }

  private static AutoCloseable reference(Graph graph) throws ReflectiveOperationException {
    Method ref = Graph.class.getDeclaredMethod("ref");
    ref.setAccessible(true);
    return (AutoCloseable) ref.invoke(graph);
  }

  private static TF_Graph handle(AutoCloseable reference) throws ReflectiveOperationException {
    Method handle = reference.getClass().getDeclaredMethod("nativeHandle");
    handle.setAccessible(true);
    return (TF_Graph) handle.invoke(reference);
  }
}
