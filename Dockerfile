# One image for web, worker, beat and the migration job; docker-compose.yml says which is which.
FROM python:3.12-slim AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r requirements.txt

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin greenmatch \
 && install -d -o greenmatch -g greenmatch /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
RUN python -m compileall -q . /opt/venv/lib
USER greenmatch
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Asks as the proxy of a production site would: by the site's own name, and https outside.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 CMD ["python", "-c", "\
import os, urllib.request as web; \
host = os.environ.get('ALLOWED_HOSTS', '127.0.0.1').split(',')[0]; \
headers = {'Host': host, 'X-Forwarded-Proto': 'https'}; \
web.urlopen(web.Request('http://127.0.0.1:8000/healthz', headers=headers), timeout=4)"]
CMD ["gunicorn", "greenmatch.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", \
  "--threads", "4", "--graceful-timeout", "20", "--worker-tmp-dir", "/dev/shm", \
  "--no-control-socket", "--access-logfile", "-"]
